using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

public sealed class MigratorTests : IAsyncLifetime
{
    private string _connectionString = null!;
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        var environment = await Shared.Environment;
        _connectionString = ChoreDb.Tune(await environment.CreateDatabaseAsync(Shared.Unique("migrator")));
        _database = NpgsqlDataSource.Create(_connectionString);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task The_files_of_this_build_are_applied_once_and_recorded()
    {
        var first = await Migrator.ApplyAsync(_connectionString);
        var second = await Migrator.ApplyAsync(_database);

        Assert.Equal("0001_outbox_inbox.sql", first.Applied[0]);
        Assert.Equal("0002_quartz.sql", first.Applied[1]);
        Assert.Empty(second.Applied);
        Assert.Equal(first.Applied, await NamesAsync());
    }

    [Fact]
    public async Task Eight_runners_at_once_apply_each_file_once()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Migrator.ApplyAsync(_connectionString))));

        Assert.Single(runs, run => run.Applied.Count > 0);
        Assert.Equal(runs.Single(run => run.Applied.Count > 0).Applied, await NamesAsync());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_run_and_changes_nothing()
    {
        var result = await Migrator.ApplyAsync(_connectionString, dryRun: true);

        Assert.Empty(result.Applied);
        Assert.Contains("0001_outbox_inbox.sql", result.Pending);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_namespace WHERE nspname IN ('orchestrator', 'quartz')"));
    }

    [Fact]
    public async Task A_repository_that_was_written_in_two_ways_becomes_one_with_all_its_tasks()
    {
        await ApplyAsync([.. MigrationFiles.Embedded.Where(file => file.Version < 16)]);
        await using (var old = _database.CreateCommand(
            """
            INSERT INTO orchestrator.repository (name, frozen_at, freeze_reason) VALUES ('Team/App', NULL, NULL), ('team/app', '2026-01-02Z', 'a release'), ('team/other', NULL, NULL), ('*', NULL, NULL);
            INSERT INTO orchestrator.task (id, repository, title, branch, state, stage, step, stage_since, max_retries, created_at, ended_at)
            SELECT gen_random_uuid(), name, 'T', name, 'Done', 'only', 1, now(), 3, now(), now() FROM unnest(ARRAY['Team/App', 'team/app', 'TEAM/APP', 'team/other', 'team/unheard']) name;
            INSERT INTO orchestrator.task (id, repository, title, branch, state, stage, step, stage_since, max_retries, created_at, look_at, paused_at)
            SELECT gen_random_uuid(), name, 'Open', 'task/1', 'Waiting', 'only', 1, now(), 3, now(), now(), now() FROM unnest(ARRAY['Team/App', 'team/app', 'team/other']) name;
            """))
            await old.ExecuteNonQueryAsync();

        await Migrator.ApplyAsync(_database);

        Assert.Equal(4L, await ScalarAsync("SELECT count(*) FROM orchestrator.repository")); // with the one that no row had named, and with the one that stands for all
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM orchestrator.repository WHERE lower(name) = 'team/app' AND frozen_at = '2026-01-02Z' AND freeze_reason = 'a release'"));
        Assert.Equal(5L, await ScalarAsync("SELECT count(*) FROM orchestrator.task WHERE repository = (SELECT name FROM orchestrator.repository WHERE lower(name) = 'team/app')"));
        // Two worked on one branch: the older goes on.
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM orchestrator.task WHERE state = 'Cancelled' AND title = 'Open' AND reason LIKE '%an older task has its branch%'"));
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM orchestrator.task WHERE state = 'Waiting'"));
    }

    [Fact]
    public async Task A_changed_file_stops_the_run_before_anything_happens()
    {
        await ApplyAsync(Migration.Parse("0001_one.sql", "CREATE TABLE one ();"));

        var error = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(
            Migration.Parse("0001_one.sql", "CREATE TABLE uno ();"), Migration.Parse("0002_two.sql", "CREATE TABLE two ();")));

        Assert.Equal(
            "The database is not migrated: 0001_one.sql was changed after it was applied. Restore it, and put the change into a new migration.", error.Message);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_class WHERE relname IN ('uno', 'two')"));
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_of_itself_and_the_files_before_it_stay()
    {
        var error = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(
            Migration.Parse("0001_one.sql", "CREATE TABLE one ();"),
            Migration.Parse("0002_two.sql", "-- reasons\nCREATE TABLE two ();\nALTER TABLE nowhere\n  ADD COLUMN x int;")));

        Assert.Equal(
            "migrations/0002_two.sql failed: relation \"nowhere\" does not exist (42P01). Nothing of it has happened. Correct the cause and run again.",
            error.Message);
        Assert.Equal(["0001_one.sql"], await NamesAsync());
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'two'"));
    }

    [Fact]
    public async Task An_index_can_be_built_without_blocking_writers_while_other_runners_wait()
    {
        Migration[] files =
        [
            Migration.Parse("0001_one.sql", "CREATE TABLE one (id int);"),
            Migration.Parse("0002_index.sql", $"{Migration.NoTransaction}\nCREATE INDEX CONCURRENTLY IF NOT EXISTS ix_one ON one (id);"),
        ];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ApplyAsync(files))));

        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM pg_index WHERE indexrelid = 'ix_one'::regclass AND indisvalid"));
        Assert.Equal(["0001_one.sql", "0002_index.sql"], await NamesAsync());
    }

    [Fact]
    public async Task The_lock_does_not_stay_with_the_pooled_connection()
    {
        await ApplyAsync(Migration.Parse("0001_one.sql", "CREATE TABLE one ();"));

        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    private Task<MigrationResult> ApplyAsync(params Migration[] files) => Migrator.ApplyAsync(_database, files, dryRun: false, CancellationToken.None);

    private async Task<List<string>> NamesAsync()
    {
        await using var command = _database.CreateCommand("SELECT name FROM orchestrator.schema_migrations ORDER BY version");
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
