"""The steps from older versions of the persona language to the present one, each made by editing the text itself."""
