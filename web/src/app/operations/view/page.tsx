import { OperationPage } from "@/features/operations/operation-page";

export default function Page() {
  return <OperationPage />;
}
