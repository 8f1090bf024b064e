using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Forge;

/// <summary>The Gitea or Forgejo server that holds the repositories.</summary>
public sealed class ForgeOptions : IChecked
{
    /// <summary>Its address, without <c>/api/v1</c>; without one nothing is asked of a forge.</summary>
    public Uri? Url { get; set; }

    /// <summary>The access token; it needs the scopes write:repository, write:issue and read:user.</summary>
    public SecretOptions Token { get; set; } = new();

    /// <summary>How pull requests are merged.</summary>
    public MergeStyle Style { get; set; } = MergeStyle.Merge;

    /// <summary>Do only reviews count that the branch's protection counts, too?</summary>
    public bool OfficialReviewsOnly { get; set; }

    /// <summary>Bounds of the calls.</summary>
    public RemoteOptions Calls { get; set; } = new();

    internal bool IsEnabled => Url is not null;

    public IEnumerable<Broken> Check() =>
    [
        .. RemoteOptions.CheckUrl(nameof(Url), Url),
        .. IsEnabled && !Token.IsSet ? [new Broken("Token:Variable", "must name the environment variable that holds the token, or Token:File the file, where Url is given", null)] : Array.Empty<Broken>(),
        .. Token.Check(nameof(Token)),
        .. Calls.Check(nameof(Calls)),
    ];
}

/// <summary>How a pull request becomes part of its base.</summary>
public enum MergeStyle
{
    /// <summary>A merge commit.</summary>
    Merge,

    /// <summary>Its commits are put on top of the base.</summary>
    Rebase,

    /// <summary>The same, and a merge commit.</summary>
    RebaseMerge,

    /// <summary>One commit.</summary>
    Squash,

    /// <summary>The base moves to the head, or nothing happens.</summary>
    FastForwardOnly,
}
