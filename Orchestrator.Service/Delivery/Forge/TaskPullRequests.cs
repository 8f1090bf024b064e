using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Forge;

/// <summary>The pull request of a task: one for its branch, whoever asks first for it.</summary>
internal sealed class TaskPullRequests(NpgsqlDataSource database, IForge forge, DeliveryOptions options)
{
    /// <summary>The one that is there, or a new one. Its number is stored whatever step the task is at by now: the branch decides whose it is.</summary>
    /// <exception cref="RemoteException">The forge did not do it.</exception>
    public async Task<long> OpenAsync(DeliveryTask task, CancellationToken cancellation)
    {
        var made = await forge.OpenAsync(task.Repository, task.Branch, options.BaseOf(task.Repository), task.Title, $"Task {task.Id}.", cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await TaskLedger.AdoptPullRequestAsync(connection, task, made.PullRequest.Number, cancellation);
        return made.PullRequest.Number;
    }
}
