"""`python -m training`: the same as `drp`."""

from training.cli.entry import main

if __name__ == "__main__":
    main()
