import type { Measure, QueryAnswer } from "../../../src/query/api.ts";
import { queryOf } from "../data/questions.ts";
import { rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { usePage } from "./context.ts";
import { GroupTable, type GroupTableProps } from "./group-table.tsx";
import { Panel, type PanelProps } from "./panel.tsx";

export interface GroupPanelProps
  extends Pick<PanelProps, "title" | "note" | "span" | "size">,
    Omit<GroupTableProps, "answer" | "columns"> {
  measures: readonly Measure[];
  /** Where they are not the page's. */
  places?: string | undefined;
  columns: (answer: QueryAnswer) => GroupTableProps["columns"];
  /** Nothing is shown of an answer without a group that has a value. */
  isHiddenUnstated?: boolean | undefined;
}

/** A panel of its own question: groups by one dimension, the largest first, or versions from the newest. */
export function GroupPanel(props: GroupPanelProps) {
  const { title, note, span, size, measures, places, columns, isHiddenUnstated, ...table } = props;
  const { view, product } = usePage();
  const query = queryOf(view, product.name, {
    by: [table.dimension],
    measures,
    limit: 100,
    ...(places !== undefined && { places }),
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const { answer } = loaded;
  const isStated = rowsOf(answer).some((row) => row[table.dimension] !== null);
  if (isHiddenUnstated && answer && !isStated) return null;
  return (
    <Panel
      title={title}
      note={note}
      {...(span && { span })}
      {...(size && { size })}
      query={query}
      loaded={loaded}
      isEmpty={rowsOf(answer).length === 0}
      isTable
    >
      {answer && (
        <GroupTable
          order={table.dimension === "productVersion" ? "versions" : "size"}
          {...table}
          answer={answer}
          columns={columns(answer)}
        />
      )}
    </Panel>
  );
}
