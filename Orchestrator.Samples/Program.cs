using Orchestrator.Samples;

// Writes everything under samples/ again; the same bytes each time. Needs qpdf for the merged and the encrypted file.
var folder = args.Length > 0 ? args[0] : "samples";
foreach (var file in await SampleSet.CreateAsync())
{
    var path = Path.Combine(folder, file.Path);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    await File.WriteAllBytesAsync(path, file.Content);
    Console.WriteLine($"{file.Content.Length,8} {path}");
}
