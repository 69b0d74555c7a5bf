"""What is dangerous about a text: harm, jailbreaks, injected instructions, and what else rules may look at."""
