using System.Text;

namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>An element of an XML invoice, by its local name; the syntaxes differ in names, not in namespaces.</summary>
internal sealed class Element(string name)
{
    private readonly List<Element> _children = [];
    private readonly Dictionary<string, string> _attributes = [];
    private StringBuilder? _text;

    public string Name { get; } = name;

    public string Text => _text?.ToString() ?? "";

    public IReadOnlyList<Element> Children => _children;

    public string? Attribute(string attribute) => _attributes.GetValueOrDefault(attribute);

    /// <summary>The children of a name.</summary>
    public IEnumerable<Element> All(string child) => _children.Where(element => element.Name == child);

    /// <summary>The first element down a path; each step may offer several names, separated by a bar.</summary>
    public Element? At(params ReadOnlySpan<string> path)
    {
        var element = this;
        foreach (var step in path)
        {
            element = element.Child(step);
            if (element is null)
            {
                return null;
            }
        }

        return element;
    }

    /// <summary>The text at a path, trimmed; null where there is none.</summary>
    public string? Value(params ReadOnlySpan<string> path) => At(path) is { } element && element.Text.Trim() is { Length: > 0 } text ? text : null;

    internal void Add(Element child) => _children.Add(child);

    internal void Add(string attribute, string value) => _attributes[attribute] = value;

    internal void Append(string text) => (_text ??= new StringBuilder()).Append(text);

    private Element? Child(string step)
    {
        var names = step.Split('|');
        return _children.FirstOrDefault(element => names.Contains(element.Name));
    }
}
