using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Outbox;

/// <summary>The outbox of one scope: what is published or sent in it becomes rows of the scope's context, and waits for SaveChanges.</summary>
internal sealed class OutboxSession(DbContext db, OutboxOwner owner, TimeProvider time, IServiceProvider services) : OutboxSendContext
{
    /// <summary>Consumers may publish several messages at once, and an EF context allows one caller at a time.</summary>
    private readonly Lock _lock = new();
    private readonly List<OutboxRow> _rows = [];

    /// <summary>How many rows this scope has made.</summary>
    public int Count => _rows.Count;

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        var row = OutboxRow.Of(context, owner, time.GetUtcNow());
        lock (_lock)
        {
            _rows.Add(row);
            db.Add(row);
        }
        return Task.CompletedTask;
    }

    /// <summary>Takes back the rows of something that failed, so that a later save in the same scope does not write them.</summary>
    public void TruncateTo(int count)
    {
        foreach (var row in _rows.Skip(count))
            db.Entry(row).State = EntityState.Detached;
        _rows.RemoveRange(count, _rows.Count - count);
    }

    public object? GetService(Type serviceType) => services.GetService(serviceType);
}
