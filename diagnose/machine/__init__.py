"""The door to a computer: live or recorded. Nothing else in the program touches the operating system."""
