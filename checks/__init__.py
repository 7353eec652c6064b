"""One module per subject. A check measures through the Machine and returns evidence; flows decide what it means."""
