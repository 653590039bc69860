"""``python -m plugin.demo TOKEN``: the demo's receiver and pages, which `maturo demo` starts."""

from plugin.demo.entrance import main

if __name__ == "__main__":
    main()
