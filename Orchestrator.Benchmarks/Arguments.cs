using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>A verb and pairs of "--name value"; a name at the end or before another name is a flag.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    public Arguments(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
                Verb ??= arguments[i];
            else if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                _values[arguments[i][2..]] = arguments[++i];
            else
                _values[arguments[i][2..]] = "";
        }
    }

    public string? Verb { get; }

    public bool Has(string name) => _values.ContainsKey(name);

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var value) ? (int)double.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
