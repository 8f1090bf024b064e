using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Forge;

/// <summary>Gitea and Forgejo, by their API v1.</summary>
internal sealed class GiteaClient(RemoteCalls calls, ForgeOptions options) : IForge
{
    public const string Name = "forge";

    private const int PageSize = 50; // a server may give fewer
    private const int MaxPages = 200;
    private string? _login;

    public async Task<ForgeIdentity> PreflightAsync(CancellationToken cancellation)
    {
        var version = (await calls.GetAsync("version", cancellation)).Part["version"].Name ?? throw Unreadable("version", "a version");
        return new ForgeIdentity(version, await LoginAsync(cancellation));
    }

    public async Task<PullRequest?> FindAsync(string repository, long number, CancellationToken cancellation)
    {
        var path = $"{Repo(repository)}/pulls/{Of(number)}";
        var answer = await calls.GetAsync(path, cancellation, HttpStatusCode.NotFound);
        return answer.Status == HttpStatusCode.NotFound ? null : PullRequestOf(answer.Part, repository) ?? throw Unreadable(path, "a pull request");
    }

    public Task<IReadOnlyList<PullRequest>> OpenAsync(string repository, CancellationToken cancellation) =>
        PagesAsync($"{Repo(repository)}/pulls?state=open", page => page.Items, part => PullRequestOf(part, repository), pull => pull.Number, cancellation);

    public async Task<PullRequest?> FindByBranchAsync(string repository, string branch, string? into, CancellationToken cancellation) =>
        // The list, and not the address by branches: that one takes no names with slashes on all servers.
        (await OpenAsync(repository, cancellation)).FirstOrDefault(pull => pull.Branch == branch && (into is null || pull.Base == into) && repository.Equals(pull.HeadRepository, StringComparison.OrdinalIgnoreCase));

    public async Task<PullRequestMade> OpenAsync(string repository, string branch, string into, string title, string text, CancellationToken cancellation)
    {
        var path = $"{Repo(repository)}/pulls";
        var body = new JsonObject { ["head"] = branch, ["base"] = into, ["title"] = title, ["body"] = text };
        RemoteAnswer? answer = null;
        try
        {
            answer = await calls.CallAsync(HttpMethod.Post, path, body, [HttpStatusCode.Conflict], cancellation);
            if (answer.Status != HttpStatusCode.Conflict)
                return new PullRequestMade(PullRequestOf(answer.Part, repository) ?? throw Unreadable(path, "a pull request"), false);
        }
        catch (RemoteException lost) when (lost.IsUncertain && !cancellation.IsCancellationRequested)
        {
            if (await FindByBranchAsync(repository, branch, into, cancellation) is { } made)
                return new PullRequestMade(made, false);
            throw;
        }

        return await FindByBranchAsync(repository, branch, into, cancellation) is { } existing ? new PullRequestMade(existing, true) : throw calls.Failure(HttpMethod.Post, path, answer);
    }

    public async Task<MergeOutcome> MergeAsync(string repository, long number, string head, bool deleteBranch, CancellationToken cancellation)
    {
        if (head.Length is not (40 or 64) || !head.All(char.IsAsciiHexDigit))
            throw new ArgumentException($"A merge must name the full hash of the head that passed the gates. Found: {head.Length} characters.", nameof(head));
        var path = $"{Repo(repository)}/pulls/{Of(number)}/merge";
        var body = new JsonObject { ["Do"] = Style(options.Style), ["head_commit_id"] = head, ["delete_branch_after_merge"] = deleteBranch };
        RemoteAnswer answer;
        try
        {
            answer = await calls.CallAsync(HttpMethod.Post, path, body, [HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.Conflict], cancellation);
        }
        catch (RemoteException lost) when (lost.IsUncertain && !cancellation.IsCancellationRequested)
        {
            // The answer is lost, perhaps not the merge.
            if (await FindAsync(repository, number, cancellation) is { State: PullRequestState.Merged } merged)
                return new MergeOutcome(MergeResult.AlreadyMerged, "", merged);
            throw;
        }

        var outcome = MergeOutcome.Of(answer) ?? throw calls.Failure(HttpMethod.Post, path, answer);
        if (outcome.Result != MergeResult.AlreadyMerged)
            return outcome;
        var found = await FindAsync(repository, number, cancellation);
        return found is { State: PullRequestState.Merged } ? outcome with { PullRequest = found } : new MergeOutcome(MergeResult.NotMergeableYet, "The server said nothing, and the pull request is not merged.", found);
    }

    public Task<IReadOnlyList<Review>> ReviewsAsync(string repository, long number, CancellationToken cancellation) =>
        PagesAsync($"{Repo(repository)}/pulls/{Of(number)}/reviews", page => page.Items, ReviewOf, review => review.Id, cancellation);

    public async Task<CombinedStatus> StatusAsync(string repository, string commit, CancellationToken cancellation)
    {
        // Without any status some servers answer null: no statuses, which is no success.
        var statuses = await PagesAsync($"{Repo(repository)}/commits/{Uri.EscapeDataString(commit)}/status", page => page["statuses"].Items, StatusOf, status => status.Context, cancellation);
        return new CombinedStatus(commit, statuses);
    }

    public async Task SetStatusAsync(string repository, string commit, CommitStatus status, CancellationToken cancellation)
    {
        const int longest = 140;
        var described = status.Description.Length > longest ? status.Description[..longest] : status.Description;
        if ((await StatusAsync(repository, commit, cancellation)).Statuses.Any(newest => newest.Context == status.Context && newest.State == status.State && newest.Description == described))
            return;
        await calls.CallAsync(HttpMethod.Post, $"{Repo(repository)}/statuses/{Uri.EscapeDataString(commit)}", new JsonObject
        {
            ["state"] = status.State.ToString().ToLowerInvariant(), ["context"] = status.Context, ["description"] = described, ["target_url"] = status.Page?.ToString(),
        }, [], cancellation);
    }

    public Task<IReadOnlyList<Comment>> CommentsAsync(string repository, long number, DateTimeOffset? since, CancellationToken cancellation) =>
        PagesAsync(
            $"{Repo(repository)}/issues/{Of(number)}/comments{(since is { } from ? $"?since={Uri.EscapeDataString(from.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))}" : "")}",
            page => page.Items, CommentOf, comment => comment.Id, cancellation);

    public async Task<CommentMade> CommentAsync(string repository, long number, string key, string text, CancellationToken cancellation)
    {
        if (key.Length is < 1 or > 200 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-'))
            throw new ArgumentException($"The key of a comment must have 1 to 200 letters, digits and . _ : -. Found: {key.Length} characters.", nameof(key));
        var mark = $"<!-- orchestrator {key} -->"; // first, so that no limit of length cuts it off
        var login = await LoginAsync(cancellation); // whoever quotes a comment quotes its mark, too
        if ((await CommentsAsync(repository, number, null, cancellation)).FirstOrDefault(own => own.Author.Equals(login, StringComparison.OrdinalIgnoreCase) && own.Text.StartsWith(mark, StringComparison.Ordinal)) is { } there)
            return new CommentMade(there.Id, true);
        var path = $"{Repo(repository)}/issues/{Of(number)}/comments";
        var answer = await calls.CallAsync(HttpMethod.Post, path, new JsonObject { ["body"] = $"{mark}\n{text}" }, [], cancellation);
        return new CommentMade(answer.Part["id"].Number ?? throw Unreadable(path, "a comment"), false);
    }

    public async Task<Branch?> BranchAsync(string repository, string name, CancellationToken cancellation)
    {
        var path = $"{Repo(repository)}/branches/{Uri.EscapeDataString(name)}";
        var answer = await calls.GetAsync(path, cancellation, HttpStatusCode.NotFound);
        return answer.Status == HttpStatusCode.NotFound ? null
            : new Branch(answer.Part["name"].Name ?? name, answer.Part["commit"]["id"].Hash ?? throw Unreadable(path, "a branch"), answer.Part["protected"].Flag == true);
    }

    public async Task<bool> DeleteBranchAsync(string repository, string name, CancellationToken cancellation) =>
        (await calls.CallAsync(HttpMethod.Delete, $"{Repo(repository)}/branches/{Uri.EscapeDataString(name)}", null, [HttpStatusCode.NotFound], cancellation)).Status != HttpStatusCode.NotFound;

    private async Task<string> LoginAsync(CancellationToken cancellation) =>
        _login ??= (await calls.GetAsync("user", cancellation)).Part["login"].Name ?? throw Unreadable("user", "a user");

    /// <summary>Page by page, until a page brings nothing new: some lists know no pages and are whole each time.</summary>
    private async Task<IReadOnlyList<T>> PagesAsync<T, TKey>(string path, Func<Part, IEnumerable<Part>> items, Func<Part, T?> read, Func<T, TKey> key, CancellationToken cancellation)
        where T : class where TKey : notnull
    {
        var all = new OrderedDictionary<TKey, T>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = await calls.GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}page={page}&limit={PageSize}", cancellation);
            var news = 0;
            foreach (var part in items(answer.Part))
                news += all.TryAdd(key(read(part) ?? throw Unreadable(path, "its entries")), read(part)!) ? 1 : 0;
            if (news == 0 || IsLast(answer, all.Count))
                return [.. all.Values];
        }

        throw new RemoteException(RemoteFault.Unreadable, $"{Name} has more than {MaxPages} pages at {path}.");
    }

    private static bool IsLast(RemoteAnswer answer, int known) =>
        (answer.Headers.TryGetValues("X-Total-Count", out var totals) && long.TryParse(totals.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var total) && known >= total)
        || (answer.Headers.TryGetValues("Link", out var links) && !links.Any(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)))
        || answer.Part["total_count"].Number <= known;

    private static PullRequest? PullRequestOf(Part part, string repository)
    {
        if (part["number"].Number is not { } number || part["head"]["ref"].Name is not { } branch || part["head"]["sha"].Hash is not { } head || part["base"]["ref"].Name is not { } into)
            return null;
        var state = part["merged"].Flag == true ? PullRequestState.Merged : part["state"].Name == "open" ? PullRequestState.Open : PullRequestState.Closed;
        var title = part["title"].Text;
        return new PullRequest(
            repository, number, state, title, part["user"]["login"].Name ?? "", part["draft"].Flag == true || title.StartsWith("WIP:", StringComparison.OrdinalIgnoreCase) || title.StartsWith("[WIP]", StringComparison.OrdinalIgnoreCase),
            part["mergeable"].Flag == true, part["merge_commit_sha"].Hash, branch, part["head"]["repo"]["full_name"].Name, head, into, part["updated_at"].Time);
    }

    private static Review? ReviewOf(Part part) => part["id"].Number is not { } id ? null : new Review(
        id, part["user"]["login"].Name ?? "",
        part["state"].Name switch { "APPROVED" => ReviewState.Approved, "REQUEST_CHANGES" => ReviewState.ChangesRequested, _ => ReviewState.NoVerdict },
        part["commit_id"].Hash, part["stale"].Flag == true, part["dismissed"].Flag == true, part["official"].Flag == true, part["body"].Text);

    // The same thing is called status in lists and state elsewhere.
    private static CommitStatus? StatusOf(Part part) => part["context"].Name is { } context && Enum.TryParse<StatusState>(part["status"].Name ?? part["state"].Name, ignoreCase: true, out var state)
        ? new CommitStatus(context, state, part["description"].Text, Uri.TryCreate(part["target_url"].Name, UriKind.Absolute, out var page) ? page : null) : null;

    private static Comment? CommentOf(Part part) => part["id"].Number is { } id ? new Comment(id, part["user"]["login"].Name ?? "", part["body"].Text, part["created_at"].Time) : null;

    private static string Style(MergeStyle style) => style switch
    {
        MergeStyle.Rebase => "rebase",
        MergeStyle.RebaseMerge => "rebase-merge",
        MergeStyle.Squash => "squash",
        MergeStyle.FastForwardOnly => "fast-forward-only",
        _ => "merge",
    };

    private static string Repo(string repository) => repository.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } name] && owner is not ("." or "..") && name is not ("." or "..")
        ? $"repos/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}"
        : throw new ArgumentException($"A repository is named owner/name. Found: {repository}.", nameof(repository));

    private static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static RemoteException Unreadable(string path, string what) => new(RemoteFault.Unreadable, $"{Name} answered {path} with something that does not hold {what}.");
}
