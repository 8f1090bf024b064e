namespace Orchestrator.Service.Documents.Templates;

/// <summary>Where supplier templates come from.</summary>
public sealed class TemplateOptions
{
    /// <summary>A folder of <c>*.yaml</c> files with templates of your own, or null; they are asked before those that come with the service.</summary>
    public string? Folder { get; init; }
}
