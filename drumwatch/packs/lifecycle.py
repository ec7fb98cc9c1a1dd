"""All packs on their way to the library: those that come as archives, and those that come as folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.packs.archive_closing import ArchiveCloser
from drumwatch.packs.archive_outcomes import ArchiveOutcomes
from drumwatch.packs.archives import ArchivePacks
from drumwatch.packs.folders import FolderPacks
from drumwatch.packs.kept_whole import KeptWhole

if TYPE_CHECKING:
    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.packs.archive_outcomes import Conclusion
    from drumwatch.packs.archives import Pack
    from drumwatch.packs.projects import Projects
    from drumwatch.pipeline import Pipeline


class Packs:
    """Puts together the parts that handle packs; they share the knowledge of which packs are kept whole."""

    def __init__(
        self,
        config: ConfigHolder,
        journal: Journal,
        pipeline: Pipeline,
        projects: Projects,
        *,
        dry_run: bool = False,
        limit_rate: bool = False,
    ) -> None:
        self._config = config
        self.kept = KeptWhole(journal, dry_run=dry_run)
        self.archives = ArchivePacks(
            config, journal, pipeline, projects, self.kept, dry_run=dry_run, limit_rate=limit_rate
        )
        self.folders = FolderPacks(journal, pipeline, projects, self.kept)
        self.outcomes = ArchiveOutcomes(config, journal, dry_run=dry_run)
        self._closer = ArchiveCloser(journal, pipeline, self.kept, dry_run=dry_run)

    def close(self, pack: Pack) -> tuple[list[Entry], Conclusion]:
        """File the documents of an unpacked archive, put the archive away, remove the unpacked folder, and sum up."""
        in_projects = sum(sounds for _, _, sounds in self.archives.projects_in(pack))
        entries = self._closer.close(pack, self._config.current)
        return entries, self.outcomes.conclude(pack, in_projects=in_projects)

    def shutdown(self) -> None:
        """End the unpacker."""
        self.archives.shutdown()
