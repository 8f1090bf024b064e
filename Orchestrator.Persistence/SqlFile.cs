using System.Reflection;

namespace Orchestrator.Persistence;

/// <summary>Named statements of one embedded <c>.sql</c> file: a line <c>-- name: x</c> begins each.</summary>
public sealed class SqlFile
{
    private readonly Dictionary<string, string> _statements = [];

    private SqlFile(string resource, string text)
    {
        string? name = null;
        var lines = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("-- name:", StringComparison.Ordinal))
            {
                Keep();
                name = line["-- name:".Length..].Trim();
            }
            else if (!line.StartsWith("--", StringComparison.Ordinal))
            {
                lines.Add(line);
            }
        }

        Keep();

        void Keep()
        {
            if (name is not null && !_statements.TryAdd(name, string.Join('\n', lines).Trim()))
                throw new InvalidOperationException($"{resource} names the statement '{name}' twice. Rename one of them.");
            lines.Clear();
        }
    }

    /// <param name="name">Name of a statement in the file.</param>
    /// <exception cref="KeyNotFoundException">The file has no such statement.</exception>
    public string this[string name] => _statements.TryGetValue(name, out var sql)
        ? sql
        : throw new KeyNotFoundException($"No statement '{name}'. The file has: {string.Join(", ", _statements.Keys)}.");

    public IReadOnlyCollection<string> Names => _statements.Keys;

    /// <summary>Reads an embedded file of the calling assembly by the end of its resource name.</summary>
    public static SqlFile Embedded(string fileName)
    {
        var assembly = Assembly.GetCallingAssembly();
        var resource = assembly.GetManifestResourceNames().Single(name => name.EndsWith("." + fileName, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new SqlFile(resource, reader.ReadToEnd().ReplaceLineEndings("\n"));
    }
}
