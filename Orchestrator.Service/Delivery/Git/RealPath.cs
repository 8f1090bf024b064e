namespace Orchestrator.Service.Delivery.Git;

/// <summary>Paths as the disk has them: the folder that holds all may itself stand behind a link.</summary>
internal static class RealPath
{
    public static bool Same(string one, string other) => Of(one) == Of(other);

    private static string Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (var at = full; Path.GetDirectoryName(at) is { } parent; at = parent)
        {
            if (Directory.Exists(at) && Directory.ResolveLinkTarget(at, returnFinalTarget: true) is { } target)
                return Of(string.Concat(target.FullName, full.AsSpan(at.Length)));
        }

        return full;
    }
}
