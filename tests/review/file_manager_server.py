"""A file manager for a test session: `python file_manager_server.py FILE` writes what it is asked to show to FILE, a line for each."""

import sys

from jeepney import MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection


def serve(shown):
    with open_dbus_connection(bus="SESSION") as bus:
        bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.FileManager1"))
        print("ready", flush=True)
        while True:
            message = bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            if message.header.fields[3] != "ShowItems":
                bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
                continue
            (uris, _) = message.body
            with open(shown, "a", encoding="utf-8") as file:
                file.writelines(f"{uri}\n" for uri in uris)
            bus.send(new_method_return(message))


if __name__ == "__main__":
    serve(sys.argv[1])
