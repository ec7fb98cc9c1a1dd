#!/bin/sh
# Makes `drumwatch` a command of every terminal: by pipx where it is, else as a link in ~/.local/bin.
# Usage: install.sh PROGRAM CHECKOUT
set -eu

program=$1
checkout=$2
folder=$HOME/.local/bin
link=$folder/drumwatch

if command -v pipx >/dev/null; then
    pipx install --force --pip-args="-c '$checkout/constraints.txt'" "$checkout"
    exit
fi

if [ -e "$link" ] || [ -L "$link" ]; then
    if [ "$(readlink "$link" || true)" != "$program" ]; then
        echo "$link is there already and does not belong to this checkout. Nothing was changed: move it away, then say \`make install\` again." >&2
        exit 1
    fi
else
    mkdir -p "$folder"
    ln -s "$program" "$link"
fi

case ":$PATH:" in
*":$folder:"*) echo "drumwatch is a command now: $link leads to this checkout." ;;
*)
    echo "$link leads to this checkout, but this terminal does not look for commands in $folder."
    echo "Add this line to ~/.profile (on a Mac: ~/.zprofile) and open a new terminal:"
    echo "    export PATH=\"\$HOME/.local/bin:\$PATH\""
    ;;
esac
