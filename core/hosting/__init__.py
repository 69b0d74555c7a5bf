"""The host of plugins: held against the contract, made for a persona, and run so that they harm nobody else."""
