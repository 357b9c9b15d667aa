"""The HTML doors: one story a file; they call actions and never write themselves."""
