"""Find projects in a folder tree: songs, sampled instruments, code, programs. Other packages make sure that they stay whole."""

from drumwatch.intake.projects.listing import is_marker_name
from drumwatch.intake.projects.records import Project, ProjectKind, Survey
from drumwatch.intake.projects.survey import Surveyor, enclosing_project

__all__ = ["Project", "ProjectKind", "Survey", "Surveyor", "enclosing_project", "is_marker_name"]
