"""`python -m tasktrail` is the command `tasktrail`."""

from tasktrail.cli.main import main

if __name__ == "__main__":
    main()
