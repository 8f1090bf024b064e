using Npgsql;

namespace Orchestrator.Persistence.Migrations;

/// <summary>What a run of the <see cref="Migrator"/> did, or, as a dry run, would do: file names in order.</summary>
public sealed record MigrationResult(IReadOnlyList<string> Applied, IReadOnlyList<string> Pending);

/// <summary>
/// Brings a database to the schema of this build: numbered SQL, forward only, each file once and in a transaction of its own.
/// Any number of processes may call it at the same time; one works and the others wait for it.
/// </summary>
public static class Migrator
{
    /// <summary>Taken for the length of a run; any constant that nobody else in the database uses.</summary>
    private const long LockKey = 0x6F72_6368_6D69_6772;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies what is pending.</summary>
    /// <param name="dataSource">The database; its user may create schemas and tables.</param>
    /// <param name="dryRun">Only say what would run; change nothing.</param>
    /// <param name="cancellationToken">Ends the wait for another runner, or the file in hand, which is then rolled back.</param>
    /// <exception cref="MigrationException">
    /// An applied file was changed or is missing, a number is used twice or comes too late, or a statement failed.
    /// Nothing of the failed file has happened; the files before it are applied.
    /// </exception>
    public static Task<MigrationResult> ApplyAsync(NpgsqlDataSource dataSource, bool dryRun = false, CancellationToken cancellationToken = default) =>
        ApplyAsync(dataSource, MigrationFiles.Embedded, dryRun, cancellationToken);

    /// <inheritdoc cref="ApplyAsync(NpgsqlDataSource,bool,CancellationToken)"/>
    public static async Task<MigrationResult> ApplyAsync(string connectionString, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        return await ApplyAsync(dataSource, dryRun, cancellationToken);
    }

    internal static async Task<MigrationResult> ApplyAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<Migration> files, bool dryRun, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (dryRun)
        {
            var wouldRun = await PlanAsync(connection, files, cancellationToken);
            return new MigrationResult([], Names(wouldRun));
        }

        await LockAsync(connection, cancellationToken);
        try
        {
            // Asked first, so that a user who may not create schemas can start on a migrated database.
            if (!await HasRecordAsync(connection, cancellationToken))
                await CreateRecordAsync(connection, cancellationToken);
            var pending = await PlanAsync(connection, files, cancellationToken);
            foreach (var migration in pending)
                await RunAsync(connection, migration, cancellationToken);
            return new MigrationResult(Names(pending), []);
        }
        finally
        {
            // A pooled connection keeps its session locks when it is returned. A broken one has lost them already.
            if (connection.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    /// <summary>
    /// Asks again and again instead of waiting in the server: a waiting statement holds a snapshot, and CREATE INDEX CONCURRENTLY
    /// in the runner that has the lock would wait for that snapshot, which is a deadlock.
    /// </summary>
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockKey})", connection);
        while (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            await Task.Delay(LockPoll, TimeProvider.System, cancellationToken);
    }

    private static async Task<bool> HasRecordAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('orchestrator.schema_migrations') IS NOT NULL", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static Task CreateRecordAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            """
            CREATE SCHEMA IF NOT EXISTS orchestrator;
            CREATE TABLE IF NOT EXISTS orchestrator.schema_migrations (
                version integer NOT NULL,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamp with time zone NOT NULL DEFAULT now(),
                CONSTRAINT pk_schema_migrations PRIMARY KEY (version)
            )
            """,
            cancellationToken);

    private static async Task<IReadOnlyList<Migration>> PlanAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> files, CancellationToken cancellationToken)
    {
        var plan = MigrationPlan.Make(files, await ReadAppliedAsync(connection, cancellationToken));
        return plan.Refusals.Count == 0
            ? plan.Pending
            : throw new MigrationException($"The database is not migrated: {string.Join(" ", plan.Refusals)}");
    }

    private static async Task<IReadOnlyList<AppliedMigration>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await HasRecordAsync(connection, cancellationToken))
            return [];

        await using var select = new NpgsqlCommand("SELECT version, name, checksum FROM orchestrator.schema_migrations ORDER BY version", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var applied = new List<AppliedMigration>();
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(new AppliedMigration(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private static async Task RunAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = migration.InTransaction ? await connection.BeginTransactionAsync(cancellationToken) : null;
        try
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }
        catch (PostgresException error)
        {
            throw new MigrationException(
                $"migrations/{migration.Name} failed: {error.MessageText} ({error.SqlState}). "
                + (migration.InTransaction ? "Nothing of it has happened. " : "It ran outside a transaction: look at what it left behind. ")
                + "Correct the cause and run again.",
                error);
        }

        await using var record = new NpgsqlCommand(
            "INSERT INTO orchestrator.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", connection, transaction);
        record.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.Version });
        record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Name });
        record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Checksum });
        await record.ExecuteNonQueryAsync(cancellationToken);

        if (transaction is not null)
            await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // An index over millions of rows takes what it takes; the caller's token is the limit.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static List<string> Names(IEnumerable<Migration> migrations) => [.. migrations.Select(migration => migration.Name)];
}
