using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Facts;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Webhooks;

namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>
/// What tasks believe, from their rows. Only what a task would act on is given: a pull request while its task waits for gates, an item's end while its task is open, an item to be begun
/// while there is no task of it. So nothing is told again that moves nothing.
/// </summary>
internal sealed class KnownWork(NpgsqlDataSource database, DeliveryOptions options, TimeProvider time) : IKnownWork
{
    private const int MostPullRequests = 200;

    public async Task<IReadOnlyList<KnownPullRequest>> PullRequestsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Verdicts and checks that are there while the task still waits are told once in each span of TellAgain: perhaps it waits because nobody told.
        return [.. (await TaskLedger.WaitingPullRequestsAsync(connection, MostPullRequests, cancellation)).Select(task => new KnownPullRequest(
            new PullRequestAt(task.Repository, task.PullRequest!.Value, task.Branch, task.HeadSha ?? "", options.BaseOf(task.Repository)), 0, ChecksState.Pending, [], null))];
    }

    public async Task<IReadOnlyList<KnownWorkItem>> WorkItemsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. (await TaskLedger.OpenWorkItemsAsync(connection, cancellation)).Select(item => new KnownWorkItem(item.Project, item.Item, null, null, null, null))];
    }

    public Task<IReadOnlyList<KnownProject>> ProjectsAsync(CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - options.Reconcile.LookBack;
        return Task.FromResult<IReadOnlyList<KnownProject>>([.. options.Projects.Select(project => new KnownProject(Guid.Parse(project.Key), since, project.Value.Begins))]);
    }

    public async Task<IReadOnlySet<Guid>> WithTaskAsync(IReadOnlyCollection<Guid> items, CancellationToken cancellation)
    {
        var keys = items.ToDictionary(TaskFacts.KeyOf);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await TaskLedger.WithKeysAsync(connection, [.. keys.Keys], cancellation)).Select(key => keys[key]).ToHashSet();
    }
}
