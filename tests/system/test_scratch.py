import json, zipfile
from test_packs import *
def test_twice(harness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip", **{"../../evil.wav": b"RIFF", "x/bad.wav": b"nonsense"*100})
    for n in range(2):
        r = harness.run("sort", str(archive), code=None)
        print(r.returncode, r.stdout, r.stderr)
    print(run(harness, "log"))
    print(run(harness, "log", "--packs"))
    print(run(harness, "status", code=1))
    print(run(harness, "status", "--json", code=1))
    assert 0
