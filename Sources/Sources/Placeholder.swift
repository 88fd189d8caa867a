enum SourcesPlaceholder {}
