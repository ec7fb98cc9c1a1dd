from drumwatch.filing import disk
from drumwatch.filing.file_transfer import Transfer


def count_syncs(monkeypatch):
    synced = []
    real = disk.sync_folder
    monkeypatch.setattr(
        disk, "sync_folder", lambda folder, **how: (synced.append(folder.path), real(folder, **how))
    )
    return synced


def test_a_folder_that_many_sounds_came_to_is_synced_once_at_the_end(tmp_path, monkeypatch):
    synced = count_syncs(monkeypatch)

    transfer = Transfer()

    with transfer.synced_together(), disk.opened(tmp_path) as folder:
        for _ in range(5):
            transfer.sync(folder)
        assert synced == []

    assert synced == [tmp_path]


def test_alone_a_folder_is_synced_at_once(tmp_path, monkeypatch):
    synced = count_syncs(monkeypatch)

    with disk.opened(tmp_path) as folder:
        Transfer().sync(folder)

    assert synced == [tmp_path]


def test_a_folder_that_has_gone_meanwhile_is_no_error(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()

    transfer = Transfer()

    with transfer.synced_together():
        with disk.opened(gone) as folder:
            transfer.sync(folder)
        gone.rmdir()
