using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Tracker;

/// <summary>Plane, by its API v1. Each path ends with a slash: without it the server redirects, and a POST arrives as a GET.</summary>
internal sealed class PlaneClient(RemoteCalls calls, TrackerOptions options) : ITracker
{
    public const string Name = "tracker";

    private const int MaxPages = 200;

    public async Task<Guid> PreflightAsync(CancellationToken cancellation) =>
        (await calls.GetAsync("users/me/", cancellation)).Part["id"].Id ?? throw Unreadable("users/me/", "a user");

    public Task<WorkItem?> FindAsync(Guid project, Guid item, CancellationToken cancellation) => ItemAsync(Path(project, item), cancellation);

    public Task<WorkItem?> FindAsync(string key, CancellationToken cancellation) =>
        key.LastIndexOf('-') is > 0 and var dash && key[(dash + 1)..] is { Length: > 0 } sequence && sequence.All(char.IsAsciiDigit) && key[..dash].All(c => char.IsLetterOrDigit(c) || c is '_' or '-')
            ? ItemAsync($"workspaces/{Uri.EscapeDataString(options.Workspace)}/work-items/{Uri.EscapeDataString(key)}/", cancellation)
            : throw new ArgumentException($"A work item's key is written PROJ-12. Found: {key}.", nameof(key));

    public async Task<IReadOnlyList<WorkItem>> ChangedSinceAsync(Guid project, DateTimeOffset since, CancellationToken cancellation) =>
        [.. (await PagesAsync($"{Path(project)}work-items/?order_by=-updated_at&per_page=100", ItemOf, cancellation, last: item => item.UpdatedAt < since, maxPages: 5)).Where(item => item.UpdatedAt >= since)];

    public Task<IReadOnlyList<WorkItemState>> StatesAsync(Guid project, CancellationToken cancellation) => PagesAsync($"{Path(project)}states/",
        part => part["id"].Id is { } id && part["name"].Name is { } name ? new WorkItemState(id, name, part["group"].Name ?? "") : null, cancellation);

    public async Task<StateSet> SetStateAsync(Guid project, Guid item, string word, bool reopen, CancellationToken cancellation)
    {
        if (!options.States.TryGetValue(word, out var wanted))
            return StateSet.NoState;
        if (await FindAsync(project, item, cancellation) is not { } present)
            return StateSet.NoItem;
        if (Guid.TryParse(wanted, out var id) && present.State == id)
            return StateSet.WasThere;
        var states = await StatesAsync(project, cancellation);
        if (states.FirstOrDefault(known => known.Id == id || known.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)) is not { } state)
            return StateSet.NoState;
        if (present.State == state.Id)
            return StateSet.WasThere; // a write would come back as a webhook
        if (present.Archived || (!reopen && !state.IsCancelled && states.Any(known => known.Id == present.State && known.IsCancelled)))
            return StateSet.Ended;
        return await PatchAsync(Path(project, item), new JsonObject { ["state"] = state.Id.ToString("D") }, cancellation) ? StateSet.Moved : StateSet.NoItem;
    }

    public async Task SetLabelsAsync(Guid project, Guid item, IReadOnlyCollection<Guid> labels, CancellationToken cancellation)
    {
        if (!await PatchAsync(Path(project, item), new JsonObject { ["labels"] = new JsonArray([.. labels.Distinct().Select(label => JsonValue.Create(label.ToString("D")))]) }, cancellation))
            throw new RemoteException(RemoteFault.NotFound, $"{Name} has no work item {item}.");
    }

    public async Task<ItemCommentMade> CommentAsync(Guid project, Guid item, string key, string text, CancellationToken cancellation)
    {
        if (key.Length is < 1 or > 200)
            throw new ArgumentException($"The key of a comment must have 1 to 200 characters. Found: {key.Length}.", nameof(key));
        var body = new JsonObject { ["comment_html"] = Html.Of(text), ["external_source"] = options.Source, ["external_id"] = key };
        var answer = await calls.CallAsync(HttpMethod.Post, $"{Path(project, item)}comments/", body, [HttpStatusCode.Conflict], cancellation);
        return new ItemCommentMade(answer.Part["id"].Id, answer.Status == HttpStatusCode.Conflict);
    }

    public Task<IReadOnlyList<ItemComment>> CommentsAsync(Guid project, Guid item, CancellationToken cancellation) => PagesAsync($"{Path(project, item)}comments/",
        part => part["id"].Id is { } id
            ? new ItemComment(id, part["actor"].Id ?? part["actor"]["id"].Id, Part.Cut(Html.ToText(part["comment_html"].Whole)), part["created_at"].Time, part["external_source"].Name == options.Source) : null,
        cancellation);

    private async Task<WorkItem?> ItemAsync(string path, CancellationToken cancellation)
    {
        var answer = await calls.GetAsync(path, cancellation, HttpStatusCode.NotFound);
        if (answer.Status == HttpStatusCode.NotFound)
            return null;
        return ItemOf(answer.Part) ?? throw Unreadable(path, "a work item");
    }

    private static WorkItem? ItemOf(Part part) => part["id"].Id is not { } id || IdOf(part["project"]) is not { } project ? null : new WorkItem(
        id, project, part["sequence_id"].Number, part["name"].Text, Part.Cut(Html.ToText(part["description_html"].Whole)), IdOf(part["state"]),
        [.. part["labels"].Items.Select(IdOf).OfType<Guid>()], [.. part["assignees"].Items.Select(IdOf).OfType<Guid>()], part["created_at"].Time, part["updated_at"].Time, part["archived_at"].Exists || part["is_draft"].Flag == true);

    private async Task<bool> PatchAsync(string path, JsonObject body, CancellationToken cancellation) =>
        (await calls.CallAsync(HttpMethod.Patch, path, body, [HttpStatusCode.NotFound], cancellation)).Status != HttpStatusCode.NotFound;

    /// <summary>A list, or pages of one by cursor.</summary>
    private async Task<IReadOnlyList<T>> PagesAsync<T>(string path, Func<Part, T?> read, CancellationToken cancellation, Func<T, bool>? last = null, int? maxPages = null) where T : class
    {
        var all = new List<T>();
        var cursor = "";
        for (var page = 0; page < (maxPages ?? MaxPages); page++)
        {
            var part = (await calls.GetAsync(cursor.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Uri.EscapeDataString(cursor)}", cancellation)).Part;
            var results = part.IsObject ? part["results"] : part;
            all.AddRange(results.Items.Select(item => read(item) ?? throw Unreadable(path, "its entries")));
            if (part["next_page_results"].Flag != true || part["next_cursor"].Name is not { } next || next == cursor || (last is not null && all.Count > 0 && last(all[^1])))
                return all;
            cursor = next;
        }

        return maxPages is null ? throw new RemoteException(RemoteFault.Unreadable, $"{Name} has more than {MaxPages} pages at {path}.") : all;
    }

    // An id alone, or what it names.
    private static Guid? IdOf(Part part) => part.Id ?? part["id"].Id;

    private string Path(Guid project) => $"workspaces/{Uri.EscapeDataString(options.Workspace)}/projects/{project:D}/";

    private string Path(Guid project, Guid item) => $"{Path(project)}work-items/{item:D}/";

    private static RemoteException Unreadable(string path, string what) => new(RemoteFault.Unreadable, $"{Name} answered {path} with something that does not hold {what}.");
}
