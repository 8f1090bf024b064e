using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// Takes up what no hand-over brings: delayed and postponed rows, rows whose hand-over was lost, and the rows of processes that died.
/// Its connection holds the advisory lock that says that this process lives.
/// </summary>
internal sealed class OutboxSweeper(
    OutboxOwner owner, OutboxQueue queue, NpgsqlDataSource database, IOptions<OutboxOptions> options, TimeProvider time, ILogger<OutboxSweeper> log)
{
    private const int MaxDue = 10_000;
    private const int MaxTaken = 500;

    /// <summary>
    /// The server notices a dead process at once, but a dead machine only by these probes: after about 30 s. They do nothing on a local socket.
    /// </summary>
    private const string ProbeTheClient =
        """
        SET tcp_keepalives_idle = 10;
        SET tcp_keepalives_interval = 5;
        SET tcp_keepalives_count = 4;
        """;

    private readonly OutboxOptions _options = options.Value;

    /// <param name="busIsReady">The lock is taken before it, so that nobody adopts the first rows of this process; the sweeps begin after it.</param>
    /// <param name="stopping">Ends the sweeps and gives the lock back.</param>
    public async Task RunAsync(Task busIsReady, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stopping);
                await SweepOnAsync(connection, busIsReady, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) // the lock went with the connection; others may now adopt our rows, which only sends some twice
            {
                log.DatabaseFailed(error, "sweep the outbox");
                await Task.Delay(_options.SweepInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SweepOnAsync(NpgsqlConnection connection, Task busIsReady, CancellationToken stopping)
    {
        await ExecuteAsync(connection, ProbeTheClient, stopping);
        try
        {
            var locked = false;
            while (!stopping.IsCancellationRequested)
            {
                // An adopter that took us for dead may hold the lock for the length of its transaction.
                locked = locked || await TryLockAsync(connection, stopping);
                await busIsReady.WaitAsync(stopping);
                await SweepAsync(connection, stopping);
                await Task.Delay(_options.SweepInterval, time, stopping);
            }
        }
        finally
        {
            // The pool keeps the connection and with it the lock; without this nobody could adopt what we leave.
            if (connection.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    private async Task SweepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var expired in await OutboxTable.DropExpiredAsync(connection, owner.Id, now, cancellationToken))
            queue.Forget(expired);

        var adopted = await OutboxTable.AdoptAsync(connection, owner.Id, now, cancellationToken);
        if (adopted.Count > 0)
            log.Adopted(adopted.Count);

        var due = await OutboxTable.FindDueAsync(connection, owner.Id, now, now - _options.ForgottenAfter, MaxDue, cancellationToken);
        foreach (var ids in adopted.Union(due).Where(id => !queue.Knows(id)).Take(queue.Room).Chunk(MaxTaken))
        {
            foreach (var row in await OutboxTable.TakeAsync(connection, ids, cancellationToken))
                Resume(row);
        }
    }

    private void Resume(OutboxRow row)
    {
        if (row.Attempts <= _options.MaxAttempts)
            queue.Send(row);
        else
            queue.Remove(row.MessageId, $"taken up {row.Attempts} times without being delivered: each time the process ended before it, or a send failed");
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = owner.Id });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
