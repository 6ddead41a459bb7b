"""`python -m shoemon` is the `shoemon` command."""

from shoemon.cli.main import main

if __name__ == "__main__":
    main()
