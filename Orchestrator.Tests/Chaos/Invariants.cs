using Npgsql;

namespace Orchestrator.Tests.Chaos;

/// <summary>Looks at the database again and again while everything goes wrong: at no moment may a row be what no row may be.</summary>
internal sealed class Invariants : IAsyncDisposable
{
    private const string Broken =
        """
        SELECT 'queued with an owner: ' || id FROM orchestrator.job
        WHERE state = 'Queued' AND (run_id IS NOT NULL OR owner_node IS NOT NULL OR owner_host IS NOT NULL OR owner_pid IS NOT NULL OR process_run IS NOT NULL)
        UNION ALL
        SELECT 'running without an owner: ' || id FROM orchestrator.job
        WHERE state IN ('Running', 'Finalizing') AND (run_id IS NULL OR owner_node IS NULL OR owner_host IS NULL)
        UNION ALL
        SELECT 'ended without a time, or not ended with one: ' || id FROM orchestrator.job WHERE (state IN ('Succeeded', 'Failed', 'Cancelled')) <> (ended_at IS NOT NULL)
        UNION ALL
        SELECT 'one token, several owners: ' || run_id FROM orchestrator.job WHERE run_id IS NOT NULL GROUP BY run_id HAVING count(*) > 1
        UNION ALL
        SELECT 'stored twice: ' || job FROM crash.output GROUP BY job HAVING count(*) > 1
        UNION ALL
        SELECT 'stored and not ended: ' || o.job FROM crash.output o JOIN orchestrator.job j ON j.id = o.job WHERE j.ended_at IS NULL
        UNION ALL
        SELECT 'beyond its limit: ' || l.name FROM orchestrator.lane l
        WHERE (SELECT count(*) FROM orchestrator.job WHERE lane = l.name AND state IN ('Running', 'Finalizing')) > l.max_running
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly NpgsqlDataSource _database;
    private readonly Task _looking;
    private readonly HashSet<string> _found = [];

    public Invariants(NpgsqlDataSource database)
    {
        _database = database;
        _looking = LookAsync();
    }

    /// <summary>How often it could look; while the database is away it can't.</summary>
    public int Looks { get; private set; }

    /// <summary>Ends the looking and says what was found.</summary>
    public async Task<IReadOnlyCollection<string>> EndAsync()
    {
        await _end.CancelAsync();
        await _looking;
        return _found;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await using var command = _database.CreateCommand(Broken);
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                    _found.Add(reader.GetString(0));
                Looks++;
            }
            catch (NpgsqlException)
            {
                // Away, as the test wants it.
            }

            await Task.Delay(Interval, TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
