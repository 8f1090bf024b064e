using MassTransit;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// The outbox for code that speaks SQL: collect rows, append them in the transaction of their cause, and hand them over after its commit.
/// <code>
/// var outbox = writer.Collect();
/// … door.Raise(job, message, outbox) …
/// await writer.AppendAsync(transaction, outbox.Rows, ct);
/// await transaction.CommitAsync(ct);
/// writer.HandOver(outbox.Rows);
/// </code>
/// A crash between the commit and the hand-over only delays the rows: the next sweep finds them.
/// </summary>
public sealed class OutboxWriter
{
    private readonly IBus _bus;
    private readonly OutboxOwner _owner;
    private readonly OutboxQueue _queue;
    private readonly TimeProvider _time;
    private readonly IServiceProvider _services;

    internal OutboxWriter(IBus bus, OutboxOwner owner, OutboxQueue queue, TimeProvider time, IServiceProvider services) =>
        (_bus, _owner, _queue, _time, _services) = (bus, owner, queue, time, services);

    /// <summary>A new, empty collector.</summary>
    public OutboxCollector Collect() => new(_bus, _owner, _time, _services);

    /// <summary>Appends the rows in one statement; nothing is sent for none.</summary>
    public static async Task AppendAsync(NpgsqlTransaction transaction, IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken = default)
    {
        if (rows.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(AppendCommand(rows));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The statement that appends the rows, to travel in a batch of the caller's; there must be at least one row.</summary>
    public static NpgsqlBatchCommand AppendCommand(IReadOnlyList<OutboxRow> rows) => OutboxTable.AppendCommand(rows);

    /// <summary>Call it after the commit: the rows are sent now, and not by the next sweep. Never waits and never fails.</summary>
    public void HandOver(IReadOnlyList<OutboxRow> committed) => _queue.Enqueue(committed);
}
