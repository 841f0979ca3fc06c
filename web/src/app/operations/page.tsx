import { OperationsList } from "@/features/operations/operations-list";

export default function Page() {
  return <OperationsList />;
}
