"""The screen interface: shows a run, asks its questions, reads its record; judges and measures nothing."""
