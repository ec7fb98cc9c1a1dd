"""A notification server for a test session: `python notification_server.py FILE` appends each notification to FILE as a line."""

import sys

from jeepney import MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.Notifications"
ANSWERS = {
    "Notify": ("u", (1,)),
    "GetServerInformation": ("ssss", ("test desktop", "drumwatch", "1", "1.2")),
    "GetCapabilities": ("as", (["body"],)),
}


def show(shown):
    with open_dbus_connection(bus="SESSION") as bus:
        bus.send_and_get_reply(message_bus.RequestName(NAME))
        print("ready", flush=True)
        while True:
            message = bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            method = message.header.fields[3]
            if method == "Notify":
                app, _, _, title, text, *_ = message.body
                with open(shown, "a", encoding="utf-8") as file:
                    file.write(f"{app} | {title} | {text}\n")
            if method in ANSWERS:
                bus.send(new_method_return(message, *ANSWERS[method]))
            else:
                bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))


if __name__ == "__main__":
    show(sys.argv[1])
