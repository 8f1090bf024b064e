using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Samples;

/// <summary>The committed samples.</summary>
internal static class Sample
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "samples");

    public static byte[] Bytes(string path) => File.ReadAllBytes(Path.Combine(Folder, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>The rows of a table, by column.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Table(string file, char separator)
    {
        var lines = File.ReadAllLines(file);
        var columns = lines[0].Split(separator);
        return [.. lines.Skip(1).Select(line => columns.Zip(Cells(line, separator)).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    private static IEnumerable<string> Cells(string line, char separator) => separator is '\t'
        ? line.Split('\t')
        : System.Text.RegularExpressions.Regex.Matches(line, "(?:^|,)(?:\"([^\"]*)\"|([^,]*))").Select(cell => cell.Groups[1].Success ? cell.Groups[1].Value : cell.Groups[2].Value);
}
