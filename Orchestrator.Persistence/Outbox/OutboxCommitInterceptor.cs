using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// Hands the rows of a context to the delivery at the moment they are committed: no polling, no notification. Rows of a transaction that is
/// rolled back vanish with it.
/// </summary>
internal sealed class OutboxCommitInterceptor(OutboxQueue queue) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    /// <summary>From the start of a save to its end; replaced by every save, because contexts are pooled.</summary>
    private readonly ConditionalWeakTable<DbContext, List<OutboxRow>> _saving = [];

    /// <summary>
    /// By EF's number of the transaction: the driver uses one transaction object again and again, and one that is disposed without a commit
    /// says nothing, so rows that were rolled back would go out with the next commit on the same connection.
    /// </summary>
    private readonly ConditionalWeakTable<DbContext, Uncommitted> _uncommitted = [];

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Remember(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Remember(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context!);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Committed(eventData);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Committed(eventData);
        return Task.CompletedTask;
    }

    private void Remember(DbContext db)
    {
        var rows = db.ChangeTracker.Entries<OutboxRow>().Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity).ToList();
        if (rows.Count == 0)
            _saving.Remove(db);
        else
            _saving.AddOrUpdate(db, rows);
    }

    private void Saved(DbContext db)
    {
        if (!_saving.TryGetValue(db, out var rows))
            return;
        _saving.Remove(db);

        // Without a transaction of the caller's the save was one, and is committed by now.
        if (db.Database.CurrentTransaction is not { } transaction)
            queue.Enqueue(rows);
        else if (_uncommitted.TryGetValue(db, out var earlier) && earlier.TransactionId == transaction.TransactionId)
            earlier.Rows.AddRange(rows);
        else
            _uncommitted.AddOrUpdate(db, new Uncommitted(transaction.TransactionId, rows));
    }

    private void Committed(TransactionEndEventData eventData)
    {
        if (eventData.Context is not { } db || !_uncommitted.TryGetValue(db, out var uncommitted))
            return;
        _uncommitted.Remove(db);
        if (uncommitted.TransactionId == eventData.TransactionId)
            queue.Enqueue(uncommitted.Rows);
    }

    private sealed record Uncommitted(Guid TransactionId, List<OutboxRow> Rows);
}
