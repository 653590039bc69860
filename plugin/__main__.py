"""``python -m plugin`` is the ``maturo`` command, also where no script directory is on the path."""

from plugin.cli import main

if __name__ == "__main__":
    main(prog_name="maturo")
