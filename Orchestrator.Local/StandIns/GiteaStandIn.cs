using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Local.StandIns;

/// <summary>
/// Answers as a Gitea does, in memory, over bare git repositories: pull requests, reviews, statuses, comments, branches, and merges that git really makes. What it does it also reports by
/// signed webhooks, if it was told where to. Who holds the token is <see cref="Login"/>.
/// </summary>
public sealed class GiteaStandIn : StandIn
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly SemaphoreSlim _one = new(1); // holds no handle, so that it needs no disposal
    private readonly Dictionary<string, Repository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private long _ids = 100;

    private GiteaStandIn(TimeProvider time)
        : base(time, Headers)
    {
    }

    /// <summary>The only token that it takes.</summary>
    public string Token { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Whose token it is.</summary>
    public string Login { get; init; } = "the-bot";

    /// <summary>How many looks at a pull request say "not mergeable" after its base has moved, because the server still checks.</summary>
    public int LooksWhileChecking { get; set; }

    /// <summary>Starts one on a free loopback port.</summary>
    public static async Task<GiteaStandIn> StartAsync(TimeProvider time, CancellationToken cancellation = default)
    {
        var gitea = new GiteaStandIn(time);
        await gitea.ListenAsync(cancellation);
        return gitea;
    }

    /// <summary>Serves a bare repository under a name of the form owner/name.</summary>
    public void Serve(string name, string bareFolder) => _repositories[name] = new Repository(name, new BareRepository(bareFolder));

    /// <summary>Somebody pushed to the bare repository: reports it, and the pull requests whose head or base moved.</summary>
    public Task PushedAsync(string repository, string branch, string? before, string after, string by) => AloneAsync(async () =>
    {
        var here = _repositories[repository];
        Report("push", new JsonObject { ["ref"] = "refs/heads/" + branch, ["before"] = before ?? new string('0', 40), ["after"] = after, ["commits"] = new JsonArray(), ["pusher"] = User(by) }, here, by);
        foreach (var pull in here.Pulls.Where(pull => pull.IsOpen && pull.Head == branch))
            await ReportAsync("pull_request_sync", "synchronized", here, pull, by);
        Recheck(here, branch);
        return 0;
    });

    /// <summary>Somebody reviewed: APPROVED, REQUEST_CHANGES or COMMENT, of the present head.</summary>
    public Task<long> ReviewAsync(string repository, long number, string by, string state, string text = "", bool official = true) => AloneAsync(async () =>
    {
        var here = _repositories[repository];
        var pull = here.Pulls.Single(pull => pull.Number == number);
        var review = await AddReviewAsync(here, pull, by, state, text, official);
        return review["id"]!.GetValue<long>();
    });

    /// <summary>Somebody wrote a comment on a pull request.</summary>
    public Task<long> CommentAsync(string repository, long number, string by, string text) =>
        AloneAsync(() => Task.FromResult(AddComment(_repositories[repository], number, by, text)["id"]!.GetValue<long>()));

    /// <summary>Somebody closed a pull request without merging it.</summary>
    public Task CloseAsync(string repository, long number, string by) => AloneAsync(async () =>
    {
        var here = _repositories[repository];
        var pull = here.Pulls.Single(pull => pull.Number == number);
        (pull.IsOpen, pull.UpdatedAt) = (false, Now);
        await ReportAsync("pull_request", "closed", here, pull, by);
        return 0;
    });

    /// <summary>Some CI set a status.</summary>
    public Task StatusAsync(string repository, string commit, string context, string state, string by = "ci") => AloneAsync(() =>
    {
        AddStatus(_repositories[repository], commit, context, state, "", by);
        return Task.FromResult(0);
    });

    private string Now => Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private async Task<T> AloneAsync<T>(Func<Task<T>> act)
    {
        await _one.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _one.Release();
        }
    }

    private protected override Task<StandInAnswer> AnswerAsync(StandInRequest request) => AloneAsync(async () =>
    {
        if (request.Parts is ["api", "v1", "version"])
            return new StandInAnswer(200, new JsonObject { ["version"] = "1.26.0+stand-in" });
        if (request.Http.Headers.Authorization.ToString() is var said && said != $"token {Token}" && said != $"Bearer {Token}")
            return StandInAnswer.Message(401, "invalid username, password or token");
        if (request.Parts is ["api", "v1", "user"])
            return new StandInAnswer(200, User(Login));
        return request.Parts is ["api", "v1", "repos", var owner, var name, .. var rest] && _repositories.TryGetValue($"{owner}/{name}", out var here)
            ? await AnswerAsync(request, here, rest)
            : StandInAnswer.Message(404, "The target couldn't be found.");
    });

    private async Task<StandInAnswer> AnswerAsync(StandInRequest request, Repository here, string[] rest) => (request.Method, rest) switch
    {
        ("GET", ["pulls"]) => Page(request, await ViewsAsync(here, here.Pulls.Where(pull => request.Query("state") is not "open" || pull.IsOpen))),
        ("POST", ["pulls"]) => await OpenAsync(request, here),
        ("GET", ["pulls", var number]) => Pull(here, number) is { } pull ? new(200, await ViewAsync(here, pull, look: true)) : NotFound,
        ("GET", ["pulls", var number, "merge"]) => StandInAnswer.Empty(Pull(here, number) is { MergeCommit: not null } ? 204 : 404),
        ("POST", ["pulls", var number, "merge"]) => Pull(here, number) is { } pull ? await MergeAsync(request, here, pull) : NotFound,
        ("GET", ["pulls", var number, "reviews"]) => Pull(here, number) is { } pull ? Page(request, await ReviewsAsync(here, pull)) : NotFound,
        ("POST", ["pulls", var number, "reviews"]) => Pull(here, number) is not { } pull ? NotFound
            : pull.Author == Login && request["event"] is not "COMMENT" ? StandInAnswer.Message(422, "approve your own pull is not allowed")
            : new(200, await AddReviewAsync(here, pull, Login, request["event"]!, request["body"] ?? "", official: true)),
        ("GET", ["issues", var number, "comments"]) => new(200, new JsonArray([.. here.Comments
            .Where(comment => comment.Number.ToString(CultureInfo.InvariantCulture) == number && (request.Query("since") is not { } since || string.CompareOrdinal(comment.View["updated_at"]!.GetValue<string>(), since) >= 0))
            .Select(comment => comment.View.DeepClone())])),
        ("POST", ["issues", var number, "comments"]) => Pull(here, number) is { } pull ? new(201, AddComment(here, pull.Number, Login, request["body"] ?? "").DeepClone()) : NotFound,
        ("POST", ["statuses", var commit]) => new(201, AddStatus(here, commit, request["context"] ?? "default", request["state"]!, request["description"] ?? "", Login).DeepClone()),
        ("GET", ["commits", var commit, "status"]) => Combined(request, here, commit),
        ("GET", ["branches", var name]) => await here.Git.HeadAsync(name) is { } head ? new(200, new JsonObject { ["name"] = name, ["commit"] = new JsonObject { ["id"] = head }, ["protected"] = false }) : NotFound,
        ("DELETE", ["branches", var name]) => await DeleteAsync(here, name),
        _ => NotFound,
    };

    private static StandInAnswer NotFound => StandInAnswer.Message(404, "The target couldn't be found.");

    private async Task<StandInAnswer> OpenAsync(StandInRequest request, Repository here)
    {
        var (head, into) = (request["head"]!, request["base"]!);
        if (head == into)
            return StandInAnswer.Message(422, "Invalid PullRequest: There are no changes between the head and the base");
        if (await here.Git.HeadAsync(head) is null || await here.Git.HeadAsync(into) is null)
            return NotFound;
        if (here.Pulls.FirstOrDefault(open => open.IsOpen && open.Head == head && open.Base == into) is { } there)
            return StandInAnswer.Message(409, $"pull request already exists for these targets [id: {there.Number}, issue_id: {there.Number}, head_branch: {head}, base_branch: {into}]");
        var pull = new OpenPull(here.Pulls.Count + 1, head, into, request["title"] ?? "", request["body"] ?? "", Login) { UpdatedAt = Now, LooksLeft = LooksWhileChecking };
        here.Pulls.Add(pull);
        await ReportAsync("pull_request", "opened", here, pull, Login);
        return new(201, await ViewAsync(here, pull));
    }

    // The order of the checks is that of the server.
    private async Task<StandInAnswer> MergeAsync(StandInRequest request, Repository here, OpenPull pull)
    {
        if (pull.MergeCommit is not null)
            return StandInAnswer.Message(405, "");
        if (!pull.IsOpen || await here.Git.HeadAsync(pull.Head) is not { } head || await here.Git.HeadAsync(pull.Base) is not { } into)
            return NotFound;
        if (pull.IsDraft)
            return StandInAnswer.Message(405, "Work in progress PRs cannot be merged");
        if (pull.LooksLeft > 0 || pull.SeenConflict)
        {
            pull.LooksLeft = Math.Max(0, pull.LooksLeft - 1);
            return StandInAnswer.Message(405, "Please try again later");
        }

        var style = request["Do"] ?? request["do"] ?? "merge";
        if (style is not ("merge" or "squash" or "fast-forward-only") || (style == "fast-forward-only" && !await here.Git.IsAncestorAsync(into, head)))
            return StandInAnswer.Message(405, $"{style} is not allowed an allowed merge style for this repository");
        if (request["head_commit_id"] is { Length: > 0 } wanted && wanted != head)
            return StandInAnswer.Message(409, "head out of date");
        var merged = head;
        if (style != "fast-forward-only")
        {
            if (await here.Git.TreeOfBothAsync(into, head) is not { } tree)
                return new(409, new JsonObject { ["Style"] = style, ["StdOut"] = $"CONFLICT (content): merging {pull.Head}", ["StdErr"] = "", ["Err"] = new JsonObject() });
            merged = await here.Git.CommitAsync(tree, request["MergeTitleField"] ?? $"Merge pull request '{pull.Title}' (#{pull.Number}) from {pull.Head} into {pull.Base}", style == "squash" ? [into] : [into, head]);
        }

        if (!await here.Git.MoveAsync(pull.Base, merged, into))
            return StandInAnswer.Message(409, "merge push out of date");
        (pull.MergeCommit, pull.HeadAtMerge, pull.IsOpen, pull.UpdatedAt) = (merged, head, false, Now);
        await ReportAsync("pull_request", "closed", here, pull, Login);
        Report("push", new JsonObject { ["ref"] = "refs/heads/" + pull.Base, ["before"] = into, ["after"] = merged, ["commits"] = new JsonArray(), ["pusher"] = User(Login) }, here, Login);
        Recheck(here, pull.Base);
        if (request.Body["delete_branch_after_merge"]?.GetValue<bool>() == true)
            await here.Git.MoveAsync(pull.Head, null, head);
        return StandInAnswer.Empty(200);
    }

    private void Recheck(Repository here, string into)
    {
        foreach (var pull in here.Pulls.Where(pull => pull.IsOpen && pull.Base == into))
            (pull.LooksLeft, pull.SeenConflict) = (LooksWhileChecking, false);
    }

    private static async Task<StandInAnswer> DeleteAsync(Repository here, string name)
    {
        if (await here.Git.HeadAsync(name) is not { } head)
            return NotFound;
        return name == await here.Git.DefaultBranchAsync() ? StandInAnswer.Message(403, "can not delete default branch")
            : await here.Git.MoveAsync(name, null, head) ? StandInAnswer.Empty(204) : StandInAnswer.Message(409, "the branch moved");
    }

    private static StandInAnswer Combined(StandInRequest request, Repository here, string commit)
    {
        var newest = here.Statuses.Where(status => status.Commit == commit).GroupBy(status => status.View["context"]!.GetValue<string>()).Select(own => own.Last().View).ToList();
        if (newest.Count == 0)
            return new(200, null);
        var page = Page(request, newest);
        string[] states = [.. newest.Select(status => status["status"]!.GetValue<string>())];
        return page with
        {
            Body = new JsonObject
            {
                ["state"] = states.Any(s => s is "failure" or "error") ? "failure" : states.Any(s => s == "pending") ? "pending" : "success",
                ["sha"] = commit, ["total_count"] = newest.Count, ["statuses"] = page.Body,
            },
        };
    }

    private static StandInAnswer Page(StandInRequest request, IReadOnlyList<JsonObject> all)
    {
        var limit = int.TryParse(request.Query("limit"), out var asked) ? Math.Clamp(asked, 1, 50) : 50;
        var page = int.TryParse(request.Query("page"), out var number) ? Math.Max(1, number) : 1;
        return new(200, new JsonArray([.. all.Skip((page - 1) * limit).Take(limit).Select(entry => entry.DeepClone())])) { Headers = [("X-Total-Count", all.Count.ToString(CultureInfo.InvariantCulture))] };
    }

    private async Task<JsonObject> AddReviewAsync(Repository here, OpenPull pull, string by, string state, string text, bool official)
    {
        var head = await here.Git.HeadAsync(pull.Head);
        var review = new JsonObject
        {
            ["id"] = ++_ids, ["user"] = User(by), ["state"] = state == "COMMENT" ? "COMMENT" : state, ["body"] = text, ["commit_id"] = head, ["stale"] = false, ["official"] = official, ["dismissed"] = false, ["submitted_at"] = Now,
        };
        pull.Reviews.Add(review);
        var (name, type) = state switch
        {
            "APPROVED" => ("pull_request_approved", "pull_request_review_approved"),
            "REQUEST_CHANGES" => ("pull_request_rejected", "pull_request_review_rejected"),
            _ => ("pull_request_comment", "pull_request_review_comment"),
        };
        Report($"{name} {type}", new JsonObject
        {
            ["action"] = "reviewed", ["number"] = pull.Number, ["pull_request"] = await ViewAsync(here, pull), ["review"] = new JsonObject { ["type"] = type, ["content"] = text }, ["commit_id"] = "",
        }, here, by);
        return (JsonObject)review.DeepClone();
    }

    private JsonObject AddComment(Repository here, long number, string by, string text)
    {
        var comment = new JsonObject { ["id"] = ++_ids, ["user"] = User(by), ["body"] = text, ["created_at"] = Now, ["updated_at"] = Now };
        here.Comments.Add((number, comment));
        Report("issue_comment pull_request_comment", new JsonObject
        {
            ["action"] = "created", ["is_pull"] = true, ["issue"] = new JsonObject { ["number"] = number, ["pull_request"] = new JsonObject { ["merged"] = false } }, ["comment"] = comment.DeepClone(),
        }, here, by);
        return comment;
    }

    private JsonObject AddStatus(Repository here, string commit, string context, string state, string description, string by)
    {
        var status = new JsonObject { ["id"] = ++_ids, ["status"] = state, ["context"] = context, ["description"] = description, ["target_url"] = "", ["creator"] = User(by), ["created_at"] = Now, ["updated_at"] = Now };
        here.Statuses.Add((commit, status));
        Report("status", new JsonObject { ["id"] = _ids, ["sha"] = commit, ["context"] = context, ["state"] = state, ["description"] = description, ["created_at"] = Now, ["updated_at"] = null }, here, by);
        return status;
    }

    private static async Task<List<JsonObject>> ReviewsAsync(Repository here, OpenPull pull)
    {
        var head = await here.Git.HeadAsync(pull.Head);
        foreach (var review in pull.Reviews)
            review["stale"] = review["commit_id"]?.GetValue<string>() != head;
        return pull.Reviews;
    }

    private async Task<List<JsonObject>> ViewsAsync(Repository here, IEnumerable<OpenPull> pulls)
    {
        var views = new List<JsonObject>();
        foreach (var pull in pulls.Reverse()) // newest first
            views.Add(await ViewAsync(here, pull));
        return views;
    }

    private async Task<JsonObject> ViewAsync(Repository here, OpenPull pull, bool look = false)
    {
        var (head, into) = (pull.HeadAtMerge ?? await here.Git.HeadAsync(pull.Head), await here.Git.HeadAsync(pull.Base));
        var mergeable = false;
        if (look && pull.LooksLeft > 0)
        {
            pull.LooksLeft--;
        }
        else if (pull.IsOpen && !pull.IsDraft && pull.LooksLeft == 0 && head is not null && into is not null)
        {
            mergeable = await here.Git.TreeOfBothAsync(into, head) is not null;
            pull.SeenConflict = !mergeable;
        }

        return new JsonObject
        {
            ["id"] = 1000 + pull.Number, ["number"] = pull.Number, ["user"] = User(pull.Author), ["title"] = pull.Title, ["body"] = pull.Text, ["labels"] = new JsonArray(),
            ["state"] = pull.IsOpen ? "open" : "closed", ["draft"] = pull.IsDraft, ["mergeable"] = mergeable, ["merged"] = pull.MergeCommit is not null, ["merge_commit_sha"] = pull.MergeCommit,
            ["base"] = End(here, pull.Base, into), ["head"] = End(here, pull.Head, head), ["updated_at"] = pull.UpdatedAt, ["html_url"] = $"{Url}{here.Name}/pulls/{pull.Number}",
        };
    }

    private static JsonObject End(Repository here, string branch, string? commit) => new() { ["label"] = branch, ["ref"] = branch, ["sha"] = commit ?? "", ["repo"] = new JsonObject { ["full_name"] = here.Name } };

    private async Task ReportAsync(string kind, string action, Repository here, OpenPull pull, string by) =>
        Report($"pull_request {kind}", new JsonObject { ["action"] = action, ["number"] = pull.Number, ["pull_request"] = await ViewAsync(here, pull) }, here, by);

    private void Report(string kind, JsonObject body, Repository here, string by)
    {
        body["repository"] = new JsonObject { ["id"] = 1, ["full_name"] = here.Name, ["updated_at"] = Now };
        body["sender"] = User(by);
        Hooks.Post(kind, Encoding.UTF8.GetBytes(body.ToJsonString(Indented)));
    }

    private static IEnumerable<(string, string)> Headers(string kind, string signature, byte[] body)
    {
        var names = kind.Split(' ');
        return
        [
            ("X-Gitea-Delivery", Guid.NewGuid().ToString()), ("X-Gitea-Event", names[0]), ("X-Gitea-Event-Type", names[^1]),
            ("X-Gitea-Signature", signature), ("X-Hub-Signature-256", signature.Length == 0 ? "" : "sha256=" + signature),
        ];
    }

    private static OpenPull? Pull(Repository here, string number) => here.Pulls.FirstOrDefault(pull => pull.Number.ToString(CultureInfo.InvariantCulture) == number);

    private static JsonObject User(string login) => new() { ["id"] = Math.Abs(login.GetHashCode(StringComparison.Ordinal)) % 10_000, ["login"] = login, ["username"] = login };

    private sealed record Repository(string Name, BareRepository Git)
    {
        public List<OpenPull> Pulls { get; } = [];
        public List<(long Number, JsonObject View)> Comments { get; } = [];
        public List<(string Commit, JsonObject View)> Statuses { get; } = [];
    }

    private sealed record OpenPull(long Number, string Head, string Base, string Title, string Text, string Author)
    {
        public bool IsOpen { get; set; } = true;
        public string? MergeCommit { get; set; }
        public string? HeadAtMerge { get; set; }
        public string UpdatedAt { get; set; } = "";
        public int LooksLeft { get; set; }
        public bool SeenConflict { get; set; } // the server's own check has found it
        public bool IsDraft => Title.StartsWith("WIP:", StringComparison.OrdinalIgnoreCase);
        public List<JsonObject> Reviews { get; } = [];
    }
}
