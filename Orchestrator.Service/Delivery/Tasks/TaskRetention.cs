using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>
/// Removes tasks that ended long ago, whatever their end, with their events and artifacts. Their keys stay taken, because a work item that nobody moved on stands in the state of the
/// beginning still: a late webhook, or a look at the tracker, finds the task that was, and opens no second one. Who wants the work again opens a task with another key.
/// </summary>
internal sealed class TaskRetention(NpgsqlDataSource database, DeliveryOptions options, TimeProvider time) : IRetention
{
    public string What => "tasksRemoved";

    public Task<int> ForgetAsync(int most, CancellationToken cancellation) => TaskLedger.RemoveEndedAsync(database, time.GetUtcNow() - options.Retention, most, cancellation);
}
