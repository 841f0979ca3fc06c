"""One module per noun; each function is a command. Imported by app.py when a command runs."""
