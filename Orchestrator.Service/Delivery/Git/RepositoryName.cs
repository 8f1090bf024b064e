using System.Text.RegularExpressions;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>A repository as the forge names it: owner/name, of letters, digits, dot, dash and underscore.</summary>
internal sealed partial record RepositoryName
{
    private RepositoryName(string owner, string name) => (Owner, Name) = (owner, name);

    public string Owner { get; }

    public string Name { get; }

    /// <summary>One folder name for each repository: @ is in no name, so that two names never give one folder.</summary>
    public string Folder => $"{Owner}@{Name}";

    public static RepositoryName? Of(string text) =>
        Pattern().Match(text) is { Success: true } match && !text.Contains("..", StringComparison.Ordinal) ? new(match.Groups[1].Value, match.Groups[2].Value) : null;

    public override string ToString() => $"{Owner}/{Name}";

    [GeneratedRegex(@"\A([A-Za-z0-9][A-Za-z0-9._-]{0,99})/([A-Za-z0-9][A-Za-z0-9._-]{0,99})\z")]
    private static partial Regex Pattern();
}

/// <summary>Names of branches, stricter than git's own: none can be taken for an option, a range or a file outside.</summary>
internal static partial class BranchName
{
    public static bool IsOne(string name) =>
        Pattern().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("//", StringComparison.Ordinal) && !name.Contains("/.", StringComparison.Ordinal)
        && !name.EndsWith('/') && !name.EndsWith('.') && !name.Split('/').Any(part => part.EndsWith(".lock", StringComparison.Ordinal));

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]{0,199}\z")]
    private static partial Regex Pattern();
}
