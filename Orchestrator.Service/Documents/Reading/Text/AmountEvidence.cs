namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>An amount with where it stands.</summary>
internal readonly record struct PlacedAmount(PrintedAmount Amount, TextLine Line);

/// <summary>All amounts of a document, and for each kind of total the values that a label speaks for, with how much.</summary>
internal sealed class AmountEvidence
{
    private const double Beside = 1.0;
    private const double Earlier = 0.6;
    private const double BehindNextLabel = 0.5;
    private const double UnderHead = 0.4;
    private const double UnderHeadLast = 0.55;
    private const double UnderAlone = 0.5;
    private const int RowsUnderHead = 40;
    private const int WidestGap = 5;

    private readonly Dictionary<LabelKind, Dictionary<decimal, double>> _weights = [];
    private readonly Dictionary<LabelKind, Dictionary<TextLine, decimal>> _rows = [];
    private readonly Dictionary<LabelKind, HashSet<decimal>> _sums = [];
    private readonly TextLayout _layout;
    private readonly Dictionary<TextLine, IReadOnlyList<PrintedAmount>> _byLine;

    private AmountEvidence(TextLayout layout, DecimalMark mark)
    {
        _layout = layout;
        _byLine = layout.Lines.ToDictionary(line => line, line => PrintedAmount.Find(line.Text, mark));
        All = [.. layout.Lines.SelectMany(line => _byLine[line].Select(amount => new PlacedAmount(amount, line)))];
    }

    /// <summary>Every amount, from top to bottom.</summary>
    public IReadOnlyList<PlacedAmount> All { get; }

    public static AmountEvidence Of(TextLayout layout)
    {
        var evidence = new AmountEvidence(layout, PrintedAmount.MarkOf(layout.Lines.Select(line => line.Text)));
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            evidence.ReadLine(index);
        }

        return evidence;
    }

    /// <summary>The amounts of a line.</summary>
    public IReadOnlyList<PrintedAmount> In(TextLine line) => _byLine[line];

    /// <summary>How much speaks for a value as a total of a kind, from 0 to 1.</summary>
    public double Weight(LabelKind kind, decimal value) => _weights.TryGetValue(kind, out var values) ? values.GetValueOrDefault(value) : 0;

    /// <summary>The values that labels of a kind speak for.</summary>
    public IEnumerable<decimal> Values(LabelKind kind) => _weights.TryGetValue(kind, out var values) ? values.Keys : [];

    /// <summary>Sums of the rows with a label of a kind: several rates of VAT have a row each.</summary>
    public IReadOnlySet<decimal> Sums(LabelKind kind)
    {
        if (!_sums.TryGetValue(kind, out var sums))
        {
            _sums[kind] = sums = SumsOf(kind).ToHashSet();
        }

        return sums;
    }

    private IEnumerable<decimal> SumsOf(LabelKind kind)
    {
        if (!_rows.TryGetValue(kind, out var rows) || rows.Count is < 2 or > 12)
        {
            yield break;
        }

        var values = rows.Values.ToList();
        yield return values.Sum();
        for (var first = 0; first < values.Count; first++)
        {
            for (var second = first + 1; second < values.Count; second++)
            {
                yield return values[first] + values[second];
            }
        }
    }

    private static bool IsTotal(LabelKind kind) => kind is LabelKind.Net or LabelKind.Subtotal or LabelKind.Tax or LabelKind.Gross or LabelKind.Total or LabelKind.Payable or LabelKind.Prepaid;

    private static bool Ends(LabelKind kind) => IsTotal(kind) || kind is LabelKind.OtherAmount;

    private void ReadLine(int index)
    {
        var line = _layout.Lines[index];
        var amounts = In(line);
        var labels = line.Labels.Where(label => Ends(label.Kind)).ToList();
        for (var at = 0; at < labels.Count; at++)
        {
            var label = labels[at];
            if (!IsTotal(label.Kind))
            {
                continue;
            }

            var end = at + 1 < labels.Count ? labels[at + 1].Start : line.Text.Length;
            var beside = amounts.Where(amount => amount.Start > label.Start && amount.End > label.End && amount.Start < end).ToList();
            if (beside.Count > 0)
            {
                Speak(label.Kind, beside, line);
            }
            else if (at + 1 < labels.Count && amounts.Where(amount => amount.Start >= end).ToList() is { Count: > 0 } behind && !behind[0].IsWhole)
            {
                // "Steuerbasis USt. 19 %   198,00   37,62": two labels, then two amounts in their order.
                foreach (var amount in behind)
                {
                    Add(label.Kind, amount.Value, BehindNextLabel);
                }
            }
            else if (!amounts.Any(amount => amount.Start > label.End))
            {
                ReadUnder(index, label);
            }
        }
    }

    private void Speak(LabelKind kind, List<PrintedAmount> beside, TextLine line)
    {
        var money = beside.Where(amount => !amount.IsWhole || amount.Currency is not null).ToList();
        var last = money.Count > 0 ? money[^1] : beside[^1];
        foreach (var amount in beside)
        {
            var weight = amount == last ? Beside : Earlier;
            Add(kind, amount.Value, amount.IsWhole && amount.Currency is null ? weight / 2 : weight);
        }

        if (!last.IsWhole || last.Currency is not null)
        {
            if (!_rows.TryGetValue(kind, out var rows))
            {
                _rows[kind] = rows = [];
            }

            rows[line] = last.Value;
        }
    }

    /// <summary>The head of a column: the amounts below it, the last one most of all, for that is where a table has its sums.</summary>
    private void ReadUnder(int index, Label label)
    {
        var head = _layout.Lines[index];
        var cell = head.CellAt(label.Start);
        var column = new List<PlacedAmount>();
        var row = head.Row;
        foreach (var line in _layout.Below(index, RowsUnderHead))
        {
            if (line.Row - row > WidestGap)
            {
                break;
            }

            var inColumn = In(line).Where(amount => !amount.IsWhole && amount.Start < cell.End + 6 && amount.End > cell.Start - 2).ToList();
            if (inColumn.Count > 0)
            {
                column.Add(new PlacedAmount(inColumn.MinBy(amount => Distance(amount, cell)), line));
                row = line.Row;
            }
        }

        for (var at = 0; at < column.Count; at++)
        {
            Add(label.Kind, column[at].Amount.Value, at == column.Count - 1 ? UnderHeadLast : UnderHead);
        }

        // A label that stands alone with one amount alone on the next line.
        var next = _layout.Below(index, 2).FirstOrDefault();
        if (column.Count == 0 && next is not null && In(next) is [{ IsWhole: false } only] && !next.Labels.Any(other => Ends(other.Kind)))
        {
            Add(label.Kind, only.Value, UnderAlone);
        }
    }

    private static int Distance(PrintedAmount amount, Cell cell) => Math.Min(Math.Abs(amount.End - cell.End), Math.Abs(amount.Start - cell.Start));

    private void Add(LabelKind kind, decimal value, double weight)
    {
        if (!_weights.TryGetValue(kind, out var values))
        {
            _weights[kind] = values = [];
        }

        values[value] = Math.Max(values.GetValueOrDefault(value), weight);
    }
}
