"""One screen a file, its look beside it. No verdict is made here: screens show a session and hand on choices."""
