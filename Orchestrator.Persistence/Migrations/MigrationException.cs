namespace Orchestrator.Persistence.Migrations;

/// <summary>The database can't be brought to this version's schema; the message says which file, why, and what to do.</summary>
public sealed class MigrationException(string message, Exception? cause = null) : Exception(message, cause);
