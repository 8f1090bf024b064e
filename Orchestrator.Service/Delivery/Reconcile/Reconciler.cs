using System.Globalization;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>
/// Looks at forge and tracker for what webhooks did not tell, and enqueues the same facts. What happens once (a comment, a new item) has the webhook's own key, so that it is told once in all.
/// Of everything else it is told that it differs, again and again while it does: a key for ever would silence a difference that was told before anybody could act on it.
/// </summary>
internal sealed class Reconciler(IKnownWork known, IJobClient jobs, WebhookOptions options, DeliveryOptions delivery, TimeProvider time, ILogger<Reconciler> log, IForge? forge = null, ITracker? tracker = null)
{
    /// <summary>Looks at all of it once. A server that does not answer keeps the other from nothing, and one item's failure keeps no other.</summary>
    /// <returns>Facts that were enqueued now.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var missed = new List<(DeliverySource Source, Missed Missed)>();
        if (forge is not null)
            await LookAsync(DeliverySource.Gitea, () => ForgeAsync(forge, missed, cancellation));
        if (tracker is not null)
            await LookAsync(DeliverySource.Plane, () => TrackerAsync(tracker, missed, cancellation));
        if (missed.Count == 0)
            return 0;

        var now = time.GetUtcNow();
        var turn = now.UtcTicks / options.TellAgain.Ticks;
        var submitted = await jobs.SubmitAsync(
            [.. missed.Select(one => new Webhooks.Delivery(one.Source, null, "reconciled", now, [one.Missed.Fact]).ToJob(options.Lane, KeyOf(one.Missed, turn)))], cancellation);
        var told = submitted.Count(job => !job.Duplicate);
        if (told > 0)
            log.Missed(told, string.Join(", ", missed.Select(one => one.Missed.Fact.GetType().Name).Distinct()));
        return told;
    }

    private async Task ForgeAsync(IForge forge, List<(DeliverySource, Missed)> missed, CancellationToken cancellation)
    {
        var pulls = await known.PullRequestsAsync(cancellation);
        if (pulls.Count == 0)
            return;
        var bot = (await forge.PreflightAsync(cancellation)).Login;
        foreach (var repository in pulls.GroupBy(one => one.PullRequest.Repository, StringComparer.OrdinalIgnoreCase))
        {
            await EachAsync(repository.Key, async () =>
            {
                var open = (await forge.OpenAsync(repository.Key, cancellation)).ToDictionary(pull => pull.Number);
                foreach (var one in repository)
                    await EachAsync($"{repository.Key}#{one.PullRequest.Number}", () => PullRequestAsync(forge, bot, one, open.GetValueOrDefault(one.PullRequest.Number), missed, cancellation));
            });
        }
    }

    private static async Task PullRequestAsync(IForge forge, string bot, KnownPullRequest one, PullRequest? open, List<(DeliverySource, Missed)> missed, CancellationToken cancellation)
    {
        var (repository, number) = (one.PullRequest.Repository, one.PullRequest.Number);
        var seen = open ?? await forge.FindAsync(repository, number, cancellation); // closed since, or never there
        var isOpen = seen is { State: PullRequestState.Open };
        missed.AddRange(Difference.Of(
            one, seen,
            isOpen ? await forge.ReviewsAsync(repository, number, cancellation) : [],
            isOpen ? (await forge.StatusAsync(repository, seen!.Head, cancellation)).OfOthers() : null,
            seen is null || one.CommentsSince is null ? [] : await forge.CommentsAsync(repository, number, one.CommentsSince, cancellation),
            bot).Select(found => (DeliverySource.Gitea, found)));
    }

    // A tracker may allow one request in a second: what a look costs is one list for each project, its states where they matter, and a bounded number of single items.
    private async Task TrackerAsync(ITracker tracker, List<(DeliverySource, Missed)> missed, CancellationToken cancellation)
    {
        var changed = new Dictionary<Guid, WorkItem>();
        var states = new Dictionary<Guid, IReadOnlyList<WorkItemState>>();
        foreach (var project in await known.ProjectsAsync(cancellation))
        {
            await EachAsync($"project {project.Project}", async () =>
            {
                var items = await tracker.ChangedSinceAsync(project.Project, project.ItemsSince, cancellation);
                foreach (var item in items)
                    changed[item.Id] = item;
                missed.AddRange((project.Begins is { } begins ? await ToBeginAsync([.. items.Where(item => !item.Archived)], begins) : New(items, project.ItemsSince)).Select(found => (DeliverySource.Plane, found)));
            });
        }

        Guid? bot = null;
        var open = await known.WorkItemsAsync(cancellation);
        var asked = InTurn([.. open.Where(one => !changed.ContainsKey(one.Item))]).Select(one => one.Item).ToHashSet();
        foreach (var one in open.Where(one => changed.ContainsKey(one.Item) || asked.Contains(one.Item)))
        {
            await EachAsync($"work item {one.Item}", async () =>
            {
                var seen = changed.GetValueOrDefault(one.Item) ?? await tracker.FindAsync(one.Project, one.Item, cancellation);
                IReadOnlyList<ItemComment> comments = [];
                if (seen is not null && one.CommentsSince is not null)
                {
                    bot ??= await tracker.PreflightAsync(cancellation);
                    comments = await tracker.CommentsAsync(one.Project, one.Item, cancellation);
                }

                var cancelled = seen is null || one.State is not null ? [] : (await StatesAsync(one.Project)).Where(state => state.IsCancelled).Select(state => state.Id).ToHashSet();
                missed.AddRange(Difference.Of(one, seen, comments, bot, cancelled).Select(found => (DeliverySource.Plane, found)));
            });
        }

        async Task<IReadOnlyList<WorkItemState>> StatesAsync(Guid project) =>
            states.TryGetValue(project, out var there) ? there : states[project] = await tracker.StatesAsync(project, cancellation);

        async Task<IEnumerable<Missed>> ToBeginAsync(IReadOnlyList<WorkItem> items, Func<WorkItemState, bool> begins)
        {
            var taken = await known.WithTaskAsync([.. items.Select(item => item.Id)], cancellation);
            var free = items.Where(item => !taken.Contains(item.Id)).ToList();
            if (free.Count == 0)
                return [];
            var beginning = (await StatesAsync(free[0].Project)).Where(begins).Select(state => state.Id).ToHashSet();
            return free.Where(item => item.State is { } state && beginning.Contains(state)).Select(Difference.ToBegin);
        }

        static IEnumerable<Missed> New(IEnumerable<WorkItem> items, DateTimeOffset since) => items.Where(item => !item.Archived && item.CreatedAt >= since).Select(Difference.Of);
    }

    /// <summary>So many as the settings allow, the next ones at each look.</summary>
    private IEnumerable<KnownWorkItem> InTurn(IReadOnlyList<KnownWorkItem> items)
    {
        var most = delivery.Reconcile.ItemsPerLook;
        if (items.Count <= most)
            return items;
        var first = (int)(time.GetUtcNow().UtcTicks / delivery.Reconcile.Interval.Ticks * most % items.Count);
        return Enumerable.Range(first, most).Select(at => items[at % items.Count]);
    }

    /// <summary>What concerns one is skipped; what concerns the server ends the look at it for this time.</summary>
    private async Task EachAsync(string what, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (RemoteException one) when (one.Fault is RemoteFault.NotFound or RemoteFault.Forbidden or RemoteFault.Refused or RemoteFault.Conflict or RemoteFault.Unreadable)
        {
            log.NotLookedAt(what, one.Message);
        }
    }

    private async Task LookAsync(DeliverySource source, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (RemoteException away)
        {
            log.NotLookedAt(source.ToString(), away.Message);
        }
    }

    // A subject names branches and contexts of any length; a key has 400 characters.
    private static string KeyOf(Missed missed, long turn)
    {
        const int longest = 300;
        var subject = missed.Subject.Length <= longest ? missed.Subject
            : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(missed.Subject)));
        return missed.Once ? missed.Subject : string.Create(CultureInfo.InvariantCulture, $"reconciled:{subject}@{turn}");
    }
}

internal static partial class ReconcileLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} facts were found by looking that no webhook had told: {Kinds}. Look at the webhook's page of the sender if that goes on")]
    public static partial void Missed(this ILogger log, int count, string kinds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What concerns {What} could not be looked at; again with the next turn. {Why}")]
    public static partial void NotLookedAt(this ILogger log, string what, string why);
}
