"""What each command does, without the command line's own syntax."""
