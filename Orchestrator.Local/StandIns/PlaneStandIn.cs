using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Local.StandIns;

/// <summary>
/// Answers as a Plane does, in memory: one project with work items, states and comments. Each changed field is reported by a signed webhook of its own, whose data is read when it is sent. Who holds
/// the key is <see cref="Bot"/>.
/// </summary>
public sealed class PlaneStandIn : StandIn
{
    private static readonly Dictionary<string, string> Groups = new(StringComparer.Ordinal)
    {
        ["Backlog"] = "backlog", ["Todo"] = "unstarted", ["In Progress"] = "started", ["Done"] = "completed", ["Cancelled"] = "cancelled",
    };

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, JsonObject> _items = [];
    private readonly List<JsonObject> _comments = [];
    private int _sequence;

    private PlaneStandIn(TimeProvider time)
        : base(time, (kind, signature, _) => [("X-Plane-Delivery", Guid.NewGuid().ToString()), ("X-Plane-Event", kind), ("X-Plane-Signature", signature)])
    {
    }

    /// <summary>The only key that it takes.</summary>
    public string Key { get; } = $"plane_api_{Guid.NewGuid():N}";

    /// <summary>Slug of the workspace.</summary>
    public string Workspace { get; } = "workshop";

    /// <summary>The project, PROJ.</summary>
    public Guid Project { get; } = Guid.NewGuid();

    /// <summary>The user of the key.</summary>
    public Guid Bot { get; } = Guid.NewGuid();

    /// <summary>States by name: Backlog, Todo, In Progress, Done, Cancelled.</summary>
    public IReadOnlyDictionary<string, Guid> States { get; } = new[] { "Backlog", "Todo", "In Progress", "Done", "Cancelled" }.ToDictionary(name => name, _ => Guid.NewGuid());

    /// <summary>Requests that are still allowed in this minute, told in each answer; not counted if null.</summary>
    public int? Allowed { get; set; }

    /// <summary>Some proxy answers in its place that it is away; nothing is carried out.</summary>
    public bool IsAway { get; set; }

    /// <summary>Starts one on a free loopback port.</summary>
    public static async Task<PlaneStandIn> StartAsync(TimeProvider time, CancellationToken cancellation = default)
    {
        var plane = new PlaneStandIn(time);
        await plane.ListenAsync(cancellation);
        return plane;
    }

    /// <summary>Somebody wrote a work item.</summary>
    public Guid Create(string name, string html, Guid by)
    {
        lock (_lock)
        {
            var id = Guid.NewGuid();
            _items[id] = new JsonObject
            {
                ["id"] = id, ["project"] = Project, ["sequence_id"] = ++_sequence, ["name"] = name, ["description_html"] = html, ["state"] = States["Todo"], ["labels"] = new JsonArray(), ["assignees"] = new JsonArray(),
                ["priority"] = "none", ["updated_at"] = Now, ["created_at"] = Now, ["archived_at"] = null, ["is_draft"] = false,
            };
            Report("issue", "created", id, null, null, null, by);
            return id;
        }
    }

    /// <summary>Somebody moved a work item on its page.</summary>
    public void Move(Guid item, string state, Guid by)
    {
        lock (_lock)
            Change(item, "state", "state_id", States[state], by);
    }

    /// <summary>Somebody wrote a comment.</summary>
    public Guid Comment(Guid item, string html, Guid by)
    {
        lock (_lock)
            return AddComment(item, html, null, null, by)["id"]!.GetValue<Guid>();
    }

    /// <summary>Somebody deleted a work item, of which this server tells nobody.</summary>
    public void Delete(Guid item)
    {
        lock (_lock)
            _items.Remove(item);
    }

    /// <summary>Name of the state in which a work item is.</summary>
    public string StateOf(Guid item)
    {
        lock (_lock)
            return States.Single(state => state.Value == _items[item]["state"]!.GetValue<Guid>()).Key;
    }

    /// <summary>What was written about a work item, as HTML.</summary>
    public IReadOnlyList<string> CommentsOf(Guid item)
    {
        lock (_lock)
            return [.. _comments.Where(comment => comment["issue"]!.GetValue<Guid>() == item).Select(comment => comment["comment_html"]!.GetValue<string>())];
    }

    private string Now => Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private protected override Task<StandInAnswer> AnswerAsync(StandInRequest request) => Task.FromResult(Answer(request));

    private StandInAnswer Answer(StandInRequest request)
    {
        lock (_lock)
        {
            if (IsAway)
                return new(503, new JsonObject { ["error"] = "The server is away." });
            if (request.Http.Headers["X-API-Key"].ToString() != Key)
                return new(401, new JsonObject { ["error"] = "Given API token is not valid" });
            if (!request.Target.Split('?')[0].EndsWith('/'))
                return StandInAnswer.Empty(301) with { Headers = [("Location", request.Target + "/")] };
            if (Allowed <= 0)
                return new(429, new JsonObject { ["detail"] = "Request was throttled. Expected available in 30 seconds." }) { Headers = [("Retry-After", "30")] };
            Allowed--;
            var answer = request.Parts switch
            {
                ["api", "v1", "users", "me"] => new(200, new JsonObject { ["id"] = Bot, ["display_name"] = "bot" }),
                ["api", "v1", "workspaces", var slug, "work-items", var key] when slug == Workspace => ByKey(key),
                ["api", "v1", "workspaces", var slug, "projects", var project, .. var rest] when slug == Workspace && project == Project.ToString() => Answer(request, rest),
                _ => NotFound,
            };
            return Allowed is not { } left ? answer : answer with
            {
                Headers = [("X-RateLimit-Remaining", left.ToString(CultureInfo.InvariantCulture)), ("X-RateLimit-Reset", Time.GetUtcNow().AddSeconds(30).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))],
            };
        }
    }

    private StandInAnswer Answer(StandInRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", ["states"]) => new(200, new JsonObject { ["results"] = new JsonArray([.. States.Select(state => new JsonObject { ["id"] = state.Value, ["name"] = state.Key, ["group"] = Groups[state.Key] })]) }),
        ("GET", ["work-items" or "issues"]) => new(200, new JsonObject { ["results"] = new JsonArray([.. _items.Values
            .OrderByDescending(item => request.Query("order_by") == "-updated_at" ? item["updated_at"]!.GetValue<string>() : item["created_at"]!.GetValue<string>(), StringComparer.Ordinal).Select(item => item.DeepClone())]) }),
        ("GET", ["work-items" or "issues", var id]) => Item(id) is { } item ? new(200, item.DeepClone()) : NotFound,
        ("PATCH", ["work-items" or "issues", var id]) => Item(id) is { } item ? Patch(request, item) : NotFound,
        ("GET", ["work-items" or "issues", var id, "comments"]) => Item(id) is null ? NotFound
            : new(200, new JsonObject { ["results"] = new JsonArray([.. _comments.Where(comment => comment["issue"]!.GetValue<Guid>().ToString() == id).Select(comment => comment.DeepClone())]) }),
        ("POST", ["work-items" or "issues", var id, "comments"]) => Item(id) is null ? NotFound : Post(request, Guid.Parse(id)),
        _ => NotFound,
    };

    private static StandInAnswer NotFound => new(404, new JsonObject { ["error"] = "The requested resource does not exist." });

    private JsonObject? Item(string id) => Guid.TryParse(id, out var item) ? _items.GetValueOrDefault(item) : null;

    private StandInAnswer ByKey(string key) => _items.Values.FirstOrDefault(item => $"PROJ-{item["sequence_id"]}" == key) is { } item ? new(200, item.DeepClone()) : NotFound;

    private StandInAnswer Patch(StandInRequest request, JsonObject item)
    {
        foreach (var (field, value) in request.Body.ToList())
            Change(item["id"]!.GetValue<Guid>(), field, field, value?.DeepClone(), Bot);
        return new(200, item.DeepClone());
    }

    private StandInAnswer Post(StandInRequest request, Guid item)
    {
        var (source, id) = (request["external_source"], request["external_id"]);
        return id is not null && _comments.FirstOrDefault(comment => comment["external_id"]?.GetValue<string>() == id && comment["external_source"]?.GetValue<string>() == source) is { } there
            ? new(409, new JsonObject { ["error"] = "Work item comment with the same external id and external source already exists", ["id"] = there["id"]!.GetValue<Guid>() })
            : new(201, AddComment(item, request["comment_html"] ?? "", source, id, Bot).DeepClone());
    }

    private void Change(Guid item, string field, string reported, JsonNode? value, Guid by)
    {
        var old = _items[item][field]?.DeepClone();
        _items[item][field] = value;
        _items[item]["updated_at"] = Now;
        Report("issue", "updated", item, reported, old, value?.DeepClone(), by);
    }

    private JsonObject AddComment(Guid item, string html, string? source, string? external, Guid by)
    {
        var comment = new JsonObject
        {
            ["id"] = Guid.NewGuid(), ["issue"] = item, ["project"] = Project, ["comment_html"] = html, ["actor"] = by, ["external_source"] = source, ["external_id"] = external, ["created_at"] = Now, ["updated_at"] = Now, ["access"] = "INTERNAL",
        };
        _comments.Add(comment);
        Post("issue_comment", "created", (JsonObject)comment.DeepClone(), null, null, null, by);
        return comment;
    }

    private void Report(string name, string action, Guid item, string? field, JsonNode? old, JsonNode? value, Guid by)
    {
        var data = (JsonObject)_items[item].DeepClone();
        var state = data["state"]!.GetValue<Guid>();
        data["state"] = new JsonObject { ["id"] = state, ["name"] = States.Single(known => known.Value == state).Key };
        Post(name, action, data, field, old, value, by);
    }

    private void Post(string name, string action, JsonObject data, string? field, JsonNode? old, JsonNode? value, Guid by) => Hooks.Post(name, Encoding.UTF8.GetBytes(new JsonObject
    {
        ["event"] = name, ["action"] = action, ["webhook_id"] = Guid.Empty, ["workspace_id"] = Guid.Empty, ["data"] = data,
        ["activity"] = new JsonObject { ["field"] = field, ["new_value"] = value, ["old_value"] = old, ["actor"] = new JsonObject { ["id"] = by }, ["old_identifier"] = null, ["new_identifier"] = null },
    }.ToJsonString()));
}
