using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Tracker;

/// <summary>The Plane server that holds the work items.</summary>
public sealed class TrackerOptions : IChecked
{
    /// <summary>Address of its API, without <c>/api/v1</c>; without one nothing is asked of a tracker.</summary>
    public Uri? Url { get; set; }

    /// <summary>Slug of the workspace.</summary>
    public string Workspace { get; set; } = "";

    /// <summary>The API key.</summary>
    public SecretOptions Token { get; set; } = new();

    /// <summary>States of work items by our own words (stages, for instance): each the name of a state, in any case, or its id. Names may differ from project to project; then give ids.</summary>
    public Dictionary<string, string> States { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Marks comments of ours as ours, together with the key of each: 1 to 60 letters, digits and -.</summary>
    public string Source { get; set; } = "orchestrator";

    /// <summary>Bounds of the calls.</summary>
    public RemoteOptions Calls { get; set; } = new();

    internal bool IsEnabled => Url is not null;

    public IEnumerable<Broken> Check() =>
    [
        .. RemoteOptions.CheckUrl(nameof(Url), Url),
        .. IsEnabled && !IsSlug(Workspace, 100) ? [new Broken(nameof(Workspace), "must be the slug of a workspace where Url is given: 1 to 100 letters, digits, - and _", Workspace)] : Array.Empty<Broken>(),
        .. IsEnabled && !Token.IsSet ? [new Broken("Token:Variable", "must name the environment variable that holds the API key, or Token:File the file, where Url is given", null)] : Array.Empty<Broken>(),
        .. IsSlug(Source, 60) ? Array.Empty<Broken>() : [new Broken(nameof(Source), "must be 1 to 60 letters, digits, - and _", Source)],
        .. Token.Check(nameof(Token)),
        .. Calls.Check(nameof(Calls)),
    ];

    private static bool IsSlug(string text, int longest) => text.Length >= 1 && text.Length <= longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
