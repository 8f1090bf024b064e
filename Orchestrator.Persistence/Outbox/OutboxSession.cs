using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Outbox;

/// <summary>The outbox of one scope: what is published or sent in it becomes rows of the scope's context, and waits for SaveChanges.</summary>
internal sealed class OutboxSession(DbContext db, OutboxOwner owner, TimeProvider time, IServiceProvider services) : OutboxSendContext
{
    /// <summary>Consumers may publish several messages at once, and an EF context allows one caller at a time.</summary>
    private readonly Lock _lock = new();

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        var row = OutboxRow.Of(context, owner, time.GetUtcNow());
        lock (_lock)
            db.Add(row);
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => services.GetService(serviceType);
}
